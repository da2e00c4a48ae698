// A website on npm's openid-client with the FAPI 2.0 Security Profile: PAR, DPoP and private_key_jwt.
import { came, finish, load, settings } from './conversation.mjs';

const oidc = await load('openid-client');
const { client, issuer } = settings;
const key = await crypto.subtle.importKey('jwk', client.key, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
const config = await oidc.discovery(
  new URL(issuer), client.id, { id_token_signed_response_alg: 'ES256' }, oidc.PrivateKeyJwt({ key, kid: client.key.kid }),
);
const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256'));

async function signIn(parameters, checks = {}) {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const expectedState = oidc.randomState();
  const expectedNonce = oidc.randomNonce();
  const url = await oidc.buildAuthorizationUrlWithPAR(config, {
    redirect_uri: client.redirect_uri,
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
    ...parameters,
  }, { DPoP });
  const tokens = await oidc.authorizationCodeGrant(
    config, await came(url), { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true, ...checks },
    undefined, { DPoP },
  );
  return { url, tokens };
}

const { url, tokens } = await signIn({ scope: 'openid email offline_access', prompt: 'consent' });
const { sub } = tokens.claims();
const person = await oidc.fetchUserInfo(config, tokens.access_token, sub, { DPoP });
const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP });
const again = await oidc.fetchUserInfo(config, refreshed.access_token, sub, { DPoP });
const stolen = await fetch(config.serverMetadata().userinfo_endpoint, {
  headers: { authorization: `Bearer ${refreshed.access_token}` },
});
const { tokens: higher } = await signIn(
  { scope: 'openid email', acr_values: settings.level, max_age: '300', ...settings.step_up }, { maxAge: 300 },
);
const surer = await oidc.fetchUserInfo(config, higher.access_token, sub, { DPoP });
const left = await came(oidc.buildEndSessionUrl(config, {
  id_token_hint: higher.id_token, post_logout_redirect_uri: client.post_logout_redirect_uri, state: 'bye',
}));

finish({
  sub,
  email: person.email,
  parameters: [...url.searchParams.keys()].sort(),
  same_person: again.sub === sub && surer.sub === sub,
  token_type: tokens.token_type,
  status_without_the_key: stolen.status,
  level: higher.claims().acr,
  left: left.href,
});

// A website on npm's openid-client: a secret, PKCE, refresh, introspection, step-up, signing out.
// Says in lines of JSON where its visitor has to go, and reads where they came back.
import { came, finish, load, settings } from './conversation.mjs';

const oidc = await load('openid-client');
const { client, issuer } = settings;
const config = await oidc.discovery(
  new URL(issuer), client.id, undefined, oidc.ClientSecretBasic(client.secret),
);

async function signIn(parameters, checks = {}) {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const expectedState = oidc.randomState();
  const expectedNonce = oidc.randomNonce();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: client.redirect_uri,
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
    ...parameters,
  });
  return oidc.authorizationCodeGrant(
    config, await came(url), { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true, ...checks },
  );
}

const first = await signIn({ scope: 'openid email offline_access', prompt: 'consent' });
const { sub } = first.claims();
const person = await oidc.fetchUserInfo(config, first.access_token, sub);
const refreshed = await oidc.refreshTokenGrant(config, first.refresh_token);
const introspected = await oidc.tokenIntrospection(config, refreshed.access_token);
const higher = await signIn(
  { scope: 'openid email', acr_values: settings.level, ...settings.step_up }, { maxAge: 300 },
);
const again = await oidc.fetchUserInfo(config, higher.access_token, sub);
await oidc.tokenRevocation(config, refreshed.refresh_token);
const revoked = await oidc.tokenIntrospection(config, refreshed.access_token);
const left = await came(oidc.buildEndSessionUrl(config, {
  id_token_hint: higher.id_token, post_logout_redirect_uri: client.post_logout_redirect_uri, state: 'bye',
}));

finish({
  sub,
  email: person.email,
  same_person: again.sub === sub && refreshed.claims().sub === sub,
  is_active: introspected.active,
  is_active_after_revocation: revoked.active,
  level: higher.claims().acr,
  is_rotated: refreshed.refresh_token !== first.refresh_token,
  left: left.href,
});

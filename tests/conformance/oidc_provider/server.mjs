// npm's oidc-provider with pages of sign-in and consent that a parser of HTML can fill in.
// Usage: node server.mjs SETTINGS.json; prints {"issuer": …} on one line when it listens. Each line it reads has it go
// on with new keys before the old ones, as if it were started anew with another configuration, and is answered.
import { createServer } from 'node:https';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { createInterface } from 'node:readline';
import { generateKeyPairSync, randomUUID } from 'node:crypto';

console.info = console.warn = console.error; // standard output is for our answers
const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const resolve = createRequire(`${settings.tools}/`).resolve;
const { default: Provider } = await import(pathToFileURL(resolve('oidc-provider')).href);

const LEVEL = 'urn:example:level:';
const PERSON = {
  name: 'Jane Example', given_name: 'Jane', family_name: 'Example', birthdate: '1983-08-12',
  email: 'jane@example.org', email_verified: true, phone_number: '+49 611 1234567', phone_number_verified: true,
  address: { street_address: 'Main Street 1', locality: 'Hanau', postal_code: '63450', country: 'DE' },
};

function signingKey(type, options, alg) {
  const { privateKey } = generateKeyPairSync(type, options);
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg, kid: randomUUID() };
}

function signingKeys() {
  return [signingKey('rsa', { modulusLength: 2048 }, 'RS256'), signingKey('ec', { namedCurve: 'P-256' }, 'ES256')];
}

// What is stored outlives a change of keys, as it would in a database.
const stored = new Map();

class Memory {
  constructor(model) { this.model = model; }

  key(id) { return `${this.model}:${id}`; }

  async upsert(id, payload) { stored.set(this.key(id), payload); }

  async find(id) { return stored.get(this.key(id)); }

  async findByUid(uid) {
    return [...stored].find(([key, payload]) => key.startsWith(`${this.model}:`) && payload.uid === uid)?.[1];
  }

  async destroy(id) { stored.delete(this.key(id)); }

  async consume(id) { stored.get(this.key(id)).consumed = Math.floor(Date.now() / 1000); }

  async revokeByGrantId(grantId) {
    for (const [key, payload] of stored) if (payload.grantId === grantId) stored.delete(key);
  }
}

const configuration = {
  adapter: Memory,
  allowOmittingSingleRegisteredRedirectUri: false,
  acrValues: [`${LEVEL}low`, `${LEVEL}high`],
  claims: {
    openid: ['sub'], email: ['email', 'email_verified'], phone: ['phone_number', 'phone_number_verified'],
    address: ['address'], profile: ['name', 'given_name', 'family_name', 'birthdate'],
    acr: null, auth_time: null, iss: null, sid: null,
  },
  clients: settings.clients,
  // Whoever takes POSTs from other websites needs SameSite=None, says oidc-provider.
  cookies: { keys: ['only for tests'], long: { httpOnly: true, sameSite: 'none', secure: true } },
  discovery: { display_values_supported: ['page', 'popup'], ui_locales_supported: ['en'] },
  enabledJWA: { clientAuthSigningAlgValues: ['ES256', 'PS256', 'EdDSA'] },
  enableHttpPostMethods: true,
  features: {
    backchannelLogout: { enabled: true },
    claimsParameter: { enabled: true },
    devInteractions: { enabled: false },
    fapi: {
      enabled: true,
      profile: (_ctx, client) => (client?.clientId.startsWith('fapi') ? '2.0' : undefined),
    },
    introspection: { enabled: true },
    jwtUserinfo: { enabled: true },
    requestObjects: { enabled: true },
    revocation: { enabled: true },
  },
  // Its guard against requests to this machine is left out: that is where the receiver of these tests is.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  async findAccount(_ctx, sub) {
    return { accountId: sub, claims: async () => ({ sub, ...PERSON }) };
  },
  jwks: { keys: signingKeys() },
  rotateRefreshToken: true,
  scopes: ['openid', 'offline_access'],
  ttl: {
    AccessToken: 600, AuthorizationCode: 60, Grant: 86400, IdToken: 600, Interaction: 600, RefreshToken: 86400,
    Session: 86400,
  },
};

function page(title, body) {
  return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>${title}</title></head>
<body><h1>${title}</h1>${body}</body></html>`;
}

const SIGN_IN = page('Sign in', `<form id="sign-in" method="post">
<input name="login"><input name="password" type="password"><button name="action" value="sign-in">Sign in</button></form>`);
const CONSENT = page('Consent', `<form id="consent" method="post"><button name="action" value="agree">Agree</button>
<button name="action" value="deny">Deny</button></form>`);

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return new URLSearchParams(Buffer.concat(chunks).toString());
}

async function grantAll(provider, { grantId, params, prompt, session }) {
  const grant = (grantId && await provider.Grant.find(grantId))
    || new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope((prompt.details.missingOIDCScope || []).join(' '));
  grant.addOIDCClaims(prompt.details.missingOIDCClaims || []);
  return grant.save();
}

async function resultOf(provider, details, form) {
  if (form.get('action') === 'deny') {
    return { error: 'access_denied', error_description: 'the person does not want to' };
  }
  if (details.prompt.name === 'consent') {
    return { consent: { grantId: await grantAll(provider, details) } };
  }
  const acr = (details.params.acr_values || `${LEVEL}low`).split(' ')[0];
  return { login: { accountId: form.get('login'), acr, amr: ['pwd'] } };
}

async function interactions(ctx, next) {
  if (!ctx.path.startsWith('/interaction/')) return next();
  const details = await this.interactionDetails(ctx.req, ctx.res);
  if (ctx.method === 'GET') {
    ctx.type = 'html';
    ctx.body = details.prompt.name === 'login' ? SIGN_IN : CONSENT;
    return undefined;
  }
  const result = await resultOf(this, details, await bodyOf(ctx.req));
  ctx.redirect(await this.interactionResult(ctx.req, ctx.res, result, { mergeWithLastSubmission: true }));
  ctx.status = 303;
  return undefined;
}

const server = createServer({ key: readFileSync(settings.key), cert: readFileSync(settings.certificate) });

function serve(issuer) {
  const provider = new Provider(issuer, configuration);
  provider.use(interactions.bind(provider));
  provider.on('server_error', (_ctx, error) => console.error(error));
  server.removeAllListeners('request');
  server.on('request', provider.callback());
}

server.listen(0, '127.0.0.1', () => {
  const issuer = `https://localhost:${server.address().port}`;
  serve(issuer);
  console.log(JSON.stringify({ issuer }));
  createInterface({ input: process.stdin }).on('line', () => {
    configuration.jwks.keys.unshift(...signingKeys());
    serve(issuer);
    console.log(JSON.stringify({ rotated: true }));
  });
});

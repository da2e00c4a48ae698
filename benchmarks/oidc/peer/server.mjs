// npm's oidc-provider in two processes, set up to do what Servicekonto does: code flow with PKCE, ES256, pairwise
// subjects, opaque tokens, rotated refresh tokens, remembered consent, and Argon2id with the same parameters.
import cluster from 'node:cluster';
import { argon2, createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));

if (cluster.isPrimary) {
  for (let number = 0; number < 2; number += 1) cluster.fork();
} else {
  const { Adapter, pool } = await import('./adapter.mjs');
  const resolve = createRequire(`${process.env.NODE_TOOLS}/`).resolve;
  const { default: Provider } = await import(pathToFileURL(resolve('oidc-provider')).href);
  const hash = promisify(argon2);

  const client = (client_id, grant_types) => ({
    client_id, grant_types, client_secret: settings.client_secret, redirect_uris: [settings.redirect_uri],
    response_types: ['code'], subject_type: 'pairwise', token_endpoint_auth_method: 'client_secret_basic',
    id_token_signed_response_alg: 'ES256',
  });
  const provider = new Provider(settings.issuer, {
    adapter: Adapter,
    clients: [client(settings.client_id, ['authorization_code']),
      client(`${settings.client_id}-lasting`, ['authorization_code', 'refresh_token'])],
    claims: { openid: ['sub'], profile: ['name', 'given_name', 'family_name', 'birthdate'], email: ['email', 'email_verified'] },
    cookies: { keys: [settings.cookie_key] },
    features: { devInteractions: { enabled: false }, introspection: { enabled: true }, revocation: { enabled: true } },
    async findAccount(_ctx, id) {
      const query = { name: 'account', text: 'select claims from account where id = $1', values: [id] };
      const { rows: [row] } = await pool.query(query);
      return row && { accountId: id, claims: async () => ({ sub: id, ...row.claims }) };
    },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    issueRefreshToken: async (_ctx, asking) => asking.grantTypeAllowed('refresh_token'),
    jwks: settings.jwks,
    async loadExistingGrant(ctx) {
      // Who has agreed once is not asked again; the first time, agreement is taken as given.
      const found = ctx.oidc.session.grantIdFor(ctx.oidc.client.clientId);
      const grant = found && await ctx.oidc.provider.Grant.find(found);
      if (grant) return grant;
      const made = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
      made.addOIDCScope('openid profile email offline_access');
      await made.save();
      return made;
    },
    pairwiseIdentifier: async (_ctx, id, client) => createHmac('sha256', settings.cookie_key)
      .update(client.sectorIdentifier).update(id).digest('base64url'),
    pkce: { required: () => true },
    rotateRefreshToken: true,
    scopes: ['openid', 'offline_access'],
    subjectTypes: ['pairwise'],
    ttl: { AccessToken: 300, AuthorizationCode: 60, Grant: 604800, IdToken: 120, Interaction: 3600, RefreshToken: 604800, Session: 3600 },
  });

  async function accountOf(email, password) {
    const query = { name: 'password', text: 'select id, salt, hash from account where email = $1', values: [email] };
    const { rows: [row] } = await pool.query(query);
    const found = await hash('argon2id', {
      message: password, nonce: row.salt, parallelism: 1, tagLength: 32, memory: settings.argon2.memory, passes: settings.argon2.passes,
    });
    return timingSafeEqual(found, row.hash) ? row.id : undefined;
  }

  async function formOf(request) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    return new URLSearchParams(Buffer.concat(chunks).toString());
  }

  const page = (uid) => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sign in</title></head><body><h1>Sign in</h1>
<form method="post" action="/interaction/${uid}"><label>E-mail <input name="email"></label>
<label>Password <input name="password" type="password"></label><button>Sign in</button></form></body></html>`;

  provider.use(async (ctx, next) => {
    if (!ctx.path.startsWith('/interaction/')) return next();
    if (ctx.method === 'GET') {
      const { uid } = await provider.interactionDetails(ctx.req, ctx.res);
      ctx.type = 'html';
      ctx.body = page(uid);
      return undefined;
    }
    const form = await formOf(ctx.req);
    const accountId = await accountOf(form.get('email'), form.get('password'));
    ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, { login: { accountId } }));
    ctx.status = 303;
    return undefined;
  });
  provider.listen(settings.port, '127.0.0.1');
}

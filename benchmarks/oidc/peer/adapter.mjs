// Everything of npm's oidc-provider in one table of PostgreSQL, as the adapters its documentation shows keep it.
import { createRequire } from 'node:module';

const { Pool } = createRequire(`${process.env.NODE_TOOLS}/`)('pg');
export const pool = new Pool({
  host: process.env.DATABASE_HOST, user: process.env.DATABASE_USER, database: process.env.DATABASE_NAME, max: 16,
});
const GRANTABLE = new Set(['AccessToken', 'AuthorizationCode', 'RefreshToken']);

// Named statements: PostgreSQL plans each of them once for a connection.
const UPSERT = `insert into payload (kind, id, data, grant_id, uid, expires_at)
  values ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))
  on conflict (kind, id) do update set data = excluded.data, grant_id = excluded.grant_id, uid = excluded.uid,
  expires_at = excluded.expires_at`;
const FIND = 'select data, consumed_at from payload where kind = $1 and id = $2 and expires_at > now()';
const FIND_BY_UID = 'select data, consumed_at from payload where kind = $1 and uid = $2 and expires_at > now()';
const CONSUME = 'update payload set consumed_at = now() where kind = $1 and id = $2';
const DESTROY = 'delete from payload where kind = $1 and id = $2';
const REVOKE = 'delete from payload where grant_id = $1';

export class Adapter {
  constructor(kind) {
    this.kind = kind;
  }

  async upsert(id, data, expiresIn) {
    const grantId = GRANTABLE.has(this.kind) ? data.grantId : null;
    const values = [this.kind, id, data, grantId, data.uid ?? null, expiresIn ?? 315360000];
    await pool.query({ name: 'upsert', text: UPSERT, values });
  }

  async find(id) {
    return this.first({ name: 'find', text: FIND, values: [this.kind, id] });
  }

  async findByUid(uid) {
    return this.first({ name: 'find_by_uid', text: FIND_BY_UID, values: [this.kind, uid] });
  }

  async findByUserCode() {
    return undefined;
  }

  async consume(id) {
    await pool.query({ name: 'consume', text: CONSUME, values: [this.kind, id] });
  }

  async destroy(id) {
    await pool.query({ name: 'destroy', text: DESTROY, values: [this.kind, id] });
  }

  async revokeByGrantId(grantId) {
    await pool.query({ name: 'revoke', text: REVOKE, values: [grantId] });
  }

  async first(query) {
    const { rows: [row] } = await pool.query(query);
    if (!row) return undefined;
    return row.consumed_at ? { ...row.data, consumed: Math.floor(row.consumed_at / 1000) } : row.data;
  }
}

import type { Timestamp } from '#libs/core/timestamp.js';
import { findPage } from '#libs/read-model/list-query.js';
import { decodeCursorParts, encodeCursor, type Page } from '#libs/read-model/page.js';
import { API_KEYS_TABLE, type ApiKeyTable } from './api-key-table.js';

/** A key of a tenant as it is shown, which is without its secret. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly createdBy: string;
  readonly createdAt: Timestamp;
  readonly expiresAt: Timestamp;
  readonly rotatedBy?: string;
  readonly rotatedAt?: Timestamp;
  /** Until when the secret before the last rotation counts. */
  readonly previousUntil?: Timestamp;
  readonly revokedBy?: string;
  readonly revokedAt?: Timestamp;
  /** To the minute. */
  readonly lastUsedAt?: Timestamp;
}

/** What a request with a key is checked against. */
export interface CheckedKey {
  readonly id: string;
  readonly tenant: string;
  readonly roles: readonly string[];
  readonly hash: Buffer;
  readonly previousHash: Buffer | null;
  readonly previousUntil: Date | null;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
}

/** Names a key in its tenant, and who changes it. */
export interface KeyOfTenant {
  readonly tenant: string;
  readonly id: string;
  readonly actor: string;
}

export interface NewApiKey extends KeyOfTenant {
  readonly name: string;
  readonly roles: readonly string[];
  readonly expiresAt: Timestamp;
  readonly hash: Buffer;
  /** The most keys of the tenant that are neither revoked nor expired. */
  readonly most: number;
}

export interface Rotation extends KeyOfTenant {
  readonly hash: Buffer;
  readonly overlapSeconds: number;
  /** Unchanged if absent. */
  readonly expiresAt?: Timestamp | undefined;
  /** The same for a retry, which must not rotate again. */
  readonly rotation?: string | undefined;
}

type Row = Readonly<Record<string, unknown>>;

const IS_ACTIVE = 'revoked_at IS NULL AND expires_at > now()';

/** API keys in PostgreSQL. It knows the hashes of their secrets only. */
export class ApiKeyStore {
  constructor(private readonly table: ApiKeyTable) {}

  /** Undefined if the id exists, or the tenant has as many keys as it may have. */
  async create(key: NewApiKey): Promise<ApiKey | undefined> {
    const { id, tenant, name, roles, hash, actor, expiresAt, most } = key;
    const [row] = await this.table.rows<Row>(
      `INSERT INTO ${API_KEYS_TABLE} (id, tenant, name, roles, secret_hash, created_by, expires_at)
       SELECT $1::text, $2::text, $3::text, $4::text[], $5::bytea, $6::text, $7::timestamptz
       WHERE (SELECT count(*) FROM ${API_KEYS_TABLE} WHERE tenant = $2 AND ${IS_ACTIVE}) < $8
       ON CONFLICT (id) DO NOTHING RETURNING *`,
      [id, tenant, name, roles, hash, actor, expiresAt, most],
    );
    return row && toApiKey(row);
  }

  /** Undefined if the tenant has no such key. */
  async find(tenant: string, id: string): Promise<ApiKey | undefined> {
    const text = `SELECT * FROM ${API_KEYS_TABLE} WHERE tenant = $1 AND id = $2`;
    const [row] = await this.table.rows<Row>(text, [tenant, id]);
    return row && toApiKey(row);
  }

  /** The keys of a tenant, the latest first. Throws `InvalidCursorError`. */
  async list(tenant: string, limit: number, cursor?: string): Promise<Page<ApiKey>> {
    const [at, id] = decodeCursorParts(cursor, /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\/([0-9a-f]{24})$/);
    return this.table.use((pool) =>
      findPage(pool, {
        select: `SELECT * FROM ${API_KEYS_TABLE}`,
        where: [
          ['tenant = ?', tenant],
          ['(created_at, id) < (?, ?)', at, id],
        ],
        orderBy: 'created_at DESC, id DESC',
        limit,
        toItem: toApiKey,
        cursorOf: (last) => encodeCursor(`${last.createdAt}/${last.id}`),
      }),
    );
  }

  /**
   * Replaces the secret; the one before it counts a while longer, and no earlier one. Undefined if
   * there is no such key, it has ended, or the rotation was done before.
   */
  async rotate(change: Rotation): Promise<ApiKey | undefined> {
    const { tenant, id, actor, hash, overlapSeconds, expiresAt, rotation } = change;
    const [row] = await this.table.rows<Row>(
      `UPDATE ${API_KEYS_TABLE} SET
         previous_hash = secret_hash,
         previous_until = least(expires_at, now() + make_interval(secs => $5)),
         secret_hash = $4, expires_at = coalesce($6::timestamptz, expires_at),
         rotated_by = $3, rotated_at = now(), rotation = $7
       WHERE tenant = $1 AND id = $2 AND ${IS_ACTIVE}
         AND ($7::text IS NULL OR rotation IS DISTINCT FROM $7)
       RETURNING *`,
      [tenant, id, actor, hash, overlapSeconds, expiresAt, rotation],
    );
    return row && toApiKey(row);
  }

  /** Whether the last rotation of the key was this one. */
  async isRotated({ tenant, id }: KeyOfTenant, rotation: string): Promise<boolean> {
    const text = `SELECT 1 FROM ${API_KEYS_TABLE} WHERE tenant = $1 AND id = $2 AND rotation = $3`;
    return (await this.table.rows(text, [tenant, id, rotation])).length > 0;
  }

  /** A key that was revoked before stays as it is. Undefined if the tenant has no such key. */
  async revoke({ tenant, id, actor }: KeyOfTenant): Promise<ApiKey | undefined> {
    const [row] = await this.table.rows<Row>(
      `UPDATE ${API_KEYS_TABLE} SET
         revoked_by = CASE WHEN revoked_at IS NULL THEN $3 ELSE revoked_by END,
         revoked_at = coalesce(revoked_at, now())
       WHERE tenant = $1 AND id = $2 RETURNING *`,
      [tenant, id, actor],
    );
    return row && toApiKey(row);
  }

  /** Those of these keys that exist, of all tenants. */
  load(ids: readonly string[]): Promise<readonly CheckedKey[]> {
    return this.table.rows<CheckedKey>(
      `SELECT id, tenant, roles, secret_hash AS hash, previous_hash AS "previousHash",
         previous_until AS "previousUntil", expires_at AS "expiresAt", revoked_at AS "revokedAt"
       FROM ${API_KEYS_TABLE} WHERE id = ANY ($1)`,
      [ids],
    );
  }

  /**
   * Notes when keys were last used, for each at most once a minute, whatever the number of
   * processes. A row that another process writes at the same time is left out.
   */
  async noteUses(uses: ReadonlyMap<string, Date>): Promise<void> {
    await this.table.rows(
      `UPDATE ${API_KEYS_TABLE} AS key SET last_used_at = used.at
       FROM unnest($1::text[], $2::timestamptz[]) AS used (id, at)
       WHERE key.id = used.id AND key.id IN (
         SELECT id FROM ${API_KEYS_TABLE} WHERE id = ANY ($1) ORDER BY id FOR UPDATE SKIP LOCKED)
         AND (key.last_used_at IS NULL OR key.last_used_at < used.at - interval '1 minute')`,
      [[...uses.keys()], [...uses.values()]],
    );
  }
}

/** Where a field is shown under another name than its column. */
const FIELDS = {
  created_by: 'createdBy',
  created_at: 'createdAt',
  expires_at: 'expiresAt',
  rotated_by: 'rotatedBy',
  rotated_at: 'rotatedAt',
  previous_until: 'previousUntil',
  revoked_by: 'revokedBy',
  revoked_at: 'revokedAt',
  last_used_at: 'lastUsedAt',
} as const;

function toApiKey(row: Row): ApiKey {
  const others = Object.entries(FIELDS).flatMap(([column, field]) => {
    const value = row[column];
    if (value === null) return [];
    return [[field, value instanceof Date ? value.toISOString() : value]];
  });
  const { id, name, roles } = row;
  return { id, name, roles, ...Object.fromEntries(others) } as ApiKey;
}

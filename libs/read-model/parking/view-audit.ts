import type { Pool, PoolClient } from 'pg';
import { findPage } from '../list-query.js';
import { decodeCursorParts, encodeCursor, type Page } from '../page.js';

/** An action of an operator on a view. */
export interface AuditEntry {
  readonly operator: string;
  readonly view: string;
  readonly verb: string;
  readonly stream?: string | undefined;
  readonly revision?: number | undefined;
  readonly reason?: string | undefined;
  readonly before?: object | undefined;
  readonly after?: object | undefined;
  readonly result: object;
}

export interface AuditItem extends AuditEntry {
  readonly id: number;
  readonly at: string;
}

/** Records an action, in the transaction that executes it. */
export async function noteInAudit(client: PoolClient, entry: AuditEntry): Promise<void> {
  const { operator, view, verb, stream, revision, reason, before, after, result } = entry;
  const json = (value: object | undefined) => (value === undefined ? null : JSON.stringify(value));
  await client.query(
    `INSERT INTO read_model.view_audit (operator, view, verb, stream, revision, reason, before, after, result)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [operator, view, verb, stream, revision, reason, json(before), json(after), json(result)],
  );
}

interface Found {
  readonly id: string;
  readonly at: Date;
  readonly operator: string;
  readonly view: string;
  readonly verb: string;
  readonly stream: string | null;
  readonly revision: string | null;
  readonly reason: string | null;
  readonly before: object | null;
  readonly after: object | null;
  readonly result: object;
}

export interface AuditFilter {
  readonly views: readonly string[];
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Actions on these views, latest first. Throws `InvalidCursorError`. */
export function findAudit(pool: Pool, { views, limit, cursor }: AuditFilter): Promise<Page<AuditItem>> {
  const [before] = decodeCursorParts(cursor, /^(\d{1,18})$/);
  return findPage(pool, {
    select: 'SELECT * FROM read_model.view_audit',
    where: [
      ['view = ANY (?)', views],
      ['id < ?', before],
    ],
    orderBy: 'id DESC',
    limit,
    toItem,
    cursorOf: ({ id }) => encodeCursor(String(id)),
  });
}

function toItem({ id, at, stream, revision, reason, before, after, ...rest }: Found): AuditItem {
  return {
    ...rest,
    id: Number(id),
    at: at.toISOString(),
    ...(stream !== null && { stream }),
    ...(revision !== null && { revision: Number(revision) }),
    ...(reason !== null && { reason }),
    ...(before !== null && { before }),
    ...(after !== null && { after }),
  };
}

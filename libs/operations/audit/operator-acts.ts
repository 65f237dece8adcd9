import type { Pool } from 'pg';
import type { ActOutcome, AuditedAct, AuditFilters } from '#contracts/audit.js';
import { UnavailableError } from '#libs/core/problems.js';
import { findPage } from '#libs/read-model/list-query.js';
import { decodeCursorParts, encodeCursor, type Page } from '#libs/read-model/page.js';
import { inTransaction } from '#libs/read-model/transaction.js';
import { FirstUse } from '#libs/runtime/first-use.js';
import { BEGIN, END, FIRST_TIME, SCHEMA, TAKE_OVER } from './operator-acts.sql.js';

// Any number that no other lock of ours uses.
const LOCK = 7_203_119;

/** An act that is about to be done. */
export interface BegunAct extends Pick<AuditedAct, 'tenant' | 'operator' | 'area' | 'verb'> {
  readonly service: string;
  readonly subject?: string | undefined;
  readonly reason?: string | undefined;
  readonly detail?: object | undefined;
  readonly traceId: string;
}

/** How an act ended. */
export interface EndedAct {
  readonly outcome: ActOutcome;
  readonly code?: string | undefined;
}

interface Row extends Pick<AuditedAct, 'tenant' | 'operator' | 'area' | 'verb' | 'outcome'> {
  readonly id: string;
  readonly at: Date;
  readonly service: string | null;
  readonly subject: string | null;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly trace_id: string | null;
  readonly code: string | null;
  readonly ended_at: Date | null;
}

export interface ActsRequest extends AuditFilters {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/**
 * The record of what operators did, in the PostgreSQL that all services share. A class, so that
 * Nest can inject it.
 */
export class OperatorActs {
  private readonly table: FirstUse;

  constructor(private readonly pool: Pool) {
    this.table = new FirstUse(() => createTable(pool));
  }

  /** Records that an act begins. Resolves to its number. Throws `UnavailableError`. */
  async begin(act: BegunAct): Promise<string> {
    const { tenant, operator, service, area, verb, subject, reason, detail, traceId } = act;
    const texts = [tenant, operator, service, area, verb, subject, reason].map(storable);
    const values = [...texts, detail && JSON.stringify(detail), traceId];
    return this.asked(async () => {
      const { rows } = await this.pool.query<Pick<Row, 'id'>>(BEGIN, values);
      return String(rows[0]?.id);
    });
  }

  /** Records how it ended. Throws `UnavailableError`. */
  async end(id: string, { outcome, code }: EndedAct): Promise<void> {
    await this.asked(() => this.pool.query(END, [id, outcome, code]));
  }

  /** A page of acts, latest first. Throws `InvalidCursorError` and `UnavailableError`. */
  list({ limit, cursor, since, until, ...equal }: ActsRequest): Promise<Page<AuditedAct>> {
    const [before] = decodeCursorParts(cursor, /^(\d{1,18})$/);
    const conditions = Object.entries(equal).map(([column, value]) => [`${column} = ?`, value] as const);
    return this.asked(() =>
      findPage(this.pool, {
        select: 'SELECT * FROM perdure_memory.operator_acts',
        where: [['true'], ...conditions, ['at >= ?', since], ['at < ?', until], ['id < ?', before]],
        orderBy: 'id DESC',
        limit,
        toItem,
        cursorOf: ({ id }) => encodeCursor(String(id)),
      }),
    );
  }

  private async asked<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.table.use(work);
    } catch (error) {
      throw new UnavailableError('postgres', { cause: error });
    }
  }
}

function createTable(pool: Pool): Promise<void> {
  return inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    const { rows } = await client.query<{ is_new: boolean; has_earlier: boolean }>(FIRST_TIME);
    await client.query(SCHEMA);
    if (rows[0]?.is_new && rows[0].has_earlier) await client.query(TAKE_OVER);
  });
}

/** PostgreSQL text cannot contain NUL. */
function storable(text: string | undefined): string | undefined {
  return text?.replaceAll('\0', '\uFFFD');
}

function toItem(row: Row): AuditedAct {
  const { id, at, tenant, operator, area, verb, outcome, service, subject, reason, code } = row;
  const { detail, trace_id: traceId, ended_at: endedAt } = row;
  return {
    id: Number(id),
    at: at.toISOString(),
    tenant,
    operator,
    ...(service !== null && { service }),
    area,
    verb,
    ...(subject !== null && { subject }),
    ...(reason !== null && { reason }),
    ...(detail !== null && { detail: JSON.parse(detail) as Record<string, unknown> }),
    ...(traceId !== null && { traceId }),
    outcome,
    ...(code !== null && { code }),
    ...(endedAt !== null && { endedAt: endedAt.toISOString() }),
  };
}

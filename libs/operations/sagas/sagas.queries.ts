import type { Pool } from 'pg';
import type { SagaRow } from '#contracts/saga/saga.views.js';
import { DEFAULT_TENANT } from '#libs/core/entity-id.js';
import { findPage } from '#libs/read-model/list-query.js';
import { decodeIdCursor, encodeCursor, type Page } from '#libs/read-model/page.js';
import { SAGAS_TABLE } from './sagas.projection.js';

export interface SagasFilter {
  readonly status?: SagaRow['status'] | undefined;
  /** Only those with a step that needs an operator. */
  readonly stuck?: 'true' | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly tenant?: string;
}

interface Found {
  readonly id: string;
  readonly status: SagaRow['status'];
  readonly stuck_steps: string;
  readonly stuck_since: Date | null;
  readonly cause: string | null;
  readonly revision: string;
  readonly started_at: Date;
  readonly updated_at: Date;
}

/** A page of the sagas of one kind, in order of their ids. Throws `InvalidCursorError`. */
export async function findSagas(pool: Pool, saga: string, filter: SagasFilter): Promise<Page<SagaRow>> {
  const { status, stuck, limit, cursor, tenant = DEFAULT_TENANT } = filter;
  return findPage(pool, {
    select: `SELECT * FROM ${SAGAS_TABLE}`,
    where: [
      ['saga = ?', saga],
      ['tenant = ?', tenant],
      ['id > ?', decodeIdCursor(cursor)],
      ['status = ?', status],
      ...(stuck === 'true' ? [['is_stuck'] as const] : []),
    ],
    orderBy: 'id',
    limit,
    toItem: toRow,
    cursorOf: ({ id }) => encodeCursor(id),
  });
}

function toRow({ id, status, stuck_steps, stuck_since, cause, ...row }: Found): SagaRow {
  const { revision, started_at, updated_at } = row;
  return {
    id,
    status,
    stuckSteps: stuck_steps.split(' ').filter(Boolean),
    ...(stuck_since !== null && { stuckSince: stuck_since.toISOString() }),
    ...(cause !== null && { cause }),
    revision: Number(revision),
    startedAt: started_at.toISOString(),
    updatedAt: updated_at.toISOString(),
  };
}

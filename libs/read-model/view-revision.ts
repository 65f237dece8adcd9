import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { type AnyView, viewKey } from './view-definition.js';

const FIRST_PAUSE_MILLISECONDS = 5;
const LONGEST_PAUSE_MILLISECONDS = 50;

/** The revision of a stream that a view shows, -1 when it shows none of it yet. */
export async function revisionOf(pool: Pool, view: AnyView, stream: string): Promise<number> {
  const { rows } = await pool.query<{ revision: string }>({
    name: 'revision of',
    text: 'SELECT revision FROM read_model.entities WHERE view = $1 AND stream = $2',
    values: [viewKey(view), stream],
  });
  return Number(rows[0]?.revision ?? -1);
}

/** Waits until a view shows a stream up to a revision, at most `milliseconds`; resolves to the revision it then shows. */
export async function waitForRevision(
  pool: Pool,
  view: AnyView,
  stream: string,
  revision: number,
  milliseconds: number,
): Promise<number> {
  const deadline = Date.now() + milliseconds;
  for (let pause = FIRST_PAUSE_MILLISECONDS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MILLISECONDS)) {
    const shown = await revisionOf(pool, view, stream);
    const left = deadline - Date.now();
    if (shown >= revision || left <= 0) return shown;
    await sleep(Math.min(pause, left));
  }
}

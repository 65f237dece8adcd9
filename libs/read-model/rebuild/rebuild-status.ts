import type { Pool } from 'pg';
import { eventsTopic } from '#contracts/entity-contract.js';
import type { AskedKafka } from '#libs/kafka/kafka.js';
import { type AnyView, viewKey } from '#libs/core/view-definition.js';
import { endsOf, progressOf } from '../view-standing.js';
import { lastRebuild, type Rebuild } from './rebuild-jobs.js';
import { compareEntities } from './rebuild-progress.js';
import { copyOf } from './view-copy.js';

/** The last rebuild of a view, and its progress while it runs. */
export interface RebuildStatus extends Rebuild {
  /** Records of the topic, and those that are processed. */
  readonly records?: { readonly total: number; readonly done: number };
  /** Entities in which the new view lags behind the serving one. Known towards the end. */
  readonly behind?: number;
  /** Whether it is ready for the switch. */
  readonly isReady: boolean;
}

/** With more than this left, it cannot be ready, and entities are not compared. */
const FEW_RECORDS = 10_000;

/** The last rebuild of a view, or undefined if there never was one. */
export async function rebuildStatus(
  pool: Pool,
  kafka: AskedKafka,
  view: AnyView,
): Promise<RebuildStatus | undefined> {
  const rebuild = await lastRebuild(pool, viewKey(view));
  if (rebuild?.state !== 'filling') return rebuild && { ...rebuild, isReady: false };
  const topic = eventsTopic(view.category);
  const [ends, watermarks, stands] = await Promise.all([
    endsOf(kafka, topic),
    kafka.watermarks(topic),
    progressOf(pool, copyOf(view, 'next')),
  ]);
  let [total, done] = [0, 0];
  for (const [partition, end] of ends) {
    const low = watermarks.get(partition)?.low ?? 0n;
    const next = stands.get(partition) ?? low;
    total += Number(end - low);
    done += Number((next < end ? (next > low ? next : low) : end) - low);
  }
  const records = { total, done };
  if (total - done > FEW_RECORDS) return { ...rebuild, records, isReady: false };
  const { behind } = await compareEntities(pool, view);
  return { ...rebuild, records, behind, isReady: behind === 0 };
}

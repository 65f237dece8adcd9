import { Counter } from 'prom-client';
import type { FoundDrift } from './drift.js';

const found = new Counter({
  name: 'perdure_drift_found_total',
  help: 'Differences found between a stream and what is made of it',
  labelNames: ['kind'],
});
const healed = new Counter({
  name: 'perdure_drift_healed_total',
  help: 'Differences that were healed from the stream',
  labelNames: ['kind'],
});
const reconciled = new Counter({
  name: 'perdure_entities_reconciled_total',
  help: 'Entities that were compared with their streams',
});
const leftOut = new Counter({
  name: 'perdure_entities_left_to_doctor_total',
  help: 'Times an entity was not compared with its stream because it has too many events for that to be done on the side',
});

const putOff = new Counter({
  name: 'perdure_entities_put_off_total',
  help: 'Entities that were due to be compared with their streams, and are compared later because the time of a round was used up',
});

/** Counts entities that a round had no time for. */
export function countPutOff(entities: number): void {
  putOff.inc(entities);
}

/** Counts an entity whose turn it was, and that only the doctor compares. */
export function countLeftOut(): void {
  leftOut.inc();
}

/** Counts an entity that was compared, and what was found of it. */
export function countReconciled(drift: readonly FoundDrift[]): void {
  reconciled.inc();
  for (const one of drift) countDrift(one);
}

/** Counts a difference. */
export function countDrift({ kind, healed: isHealed }: FoundDrift): void {
  found.inc({ kind });
  if (isHealed) healed.inc({ kind });
}

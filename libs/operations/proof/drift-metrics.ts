import { Counter } from 'prom-client';
import type { FoundDrift } from './drift.js';
import { noteDrift } from './recent-drift.js';

const found = new Counter({
  name: 'perdure_drift_found_total',
  help: 'Differences found between a stream and what is derived from it',
  labelNames: ['kind'],
});
const healed = new Counter({
  name: 'perdure_drift_healed_total',
  help: 'Differences that were healed from the stream',
  labelNames: ['kind'],
});
const reconciled = new Counter({
  name: 'perdure_entities_reconciled_total',
  help: 'Entities compared with their streams',
});
const leftOut = new Counter({
  name: 'perdure_entities_left_to_doctor_total',
  help: 'Times an entity was not compared with its stream in the background because it has too many events',
});

const putOff = new Counter({
  name: 'perdure_entities_put_off_total',
  help: 'Entities due for comparison with their streams that were postponed because the time of a round was used up',
});

/** Counts entities that a round had no time for. */
export function countPutOff(entities: number): void {
  putOff.inc(entities);
}

/** Counts an entity that was due but is left to the doctor. */
export function countLeftOut(): void {
  leftOut.inc();
}

/** Counts an entity that was compared, and its differences. */
export function countReconciled(drift: readonly FoundDrift[]): void {
  reconciled.inc();
  for (const one of drift) countDrift(one);
}

/** Counts a difference, and remembers it for a while. */
export function countDrift(drift: FoundDrift): void {
  const { kind, healed: isHealed } = drift;
  noteDrift(drift);
  found.inc({ kind });
  if (isHealed) healed.inc({ kind });
}

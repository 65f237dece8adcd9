import { Counter, Gauge } from 'prom-client';
import type { RelayProgress } from './relay.js';
import type { RefillProgress } from './state-refill.js';

const labelNames = ['category'] as const;

const events = new Counter({
  name: 'perdure_relay_events_total',
  help: 'Events published to their topics by the relays of this process',
  labelNames,
});

const position = new Gauge({
  name: 'perdure_relay_position',
  help: 'Position in the event store of the last event on the topic, if the relay runs in this process',
  labelNames,
});

const behind = new Gauge({
  name: 'perdure_relay_behind_seconds',
  help: 'Age of the oldest event that is not on the topic yet, if the relay runs in this process',
  labelNames,
});

const folds = new Gauge({
  name: 'perdure_relay_folds',
  help: 'Folds of entities that the relay caches in memory, if it runs in this process',
  labelNames,
});

const foldBytes = new Gauge({
  name: 'perdure_relay_fold_bytes',
  help: 'Heap taken by cached folds; the least recently used are evicted at the limit',
  labelNames,
});

const foldBytesLimit = new Gauge({
  name: 'perdure_relay_fold_bytes_limit',
  help: 'The limit of perdure_relay_fold_bytes',
  labelNames,
});

const foldsEvicted = new Counter({
  name: 'perdure_relay_folds_evicted_total',
  help: 'Folds evicted by relays of this process at the limit; each is folded again from its stream when needed',
  labelNames,
});

const statesOwed = new Gauge({
  name: 'perdure_relay_states_owed',
  help: 'Entities whose events are on their topic and whose state is not yet, if the relay runs in this process',
  labelNames,
});

const refillPosition = new Gauge({
  name: 'perdure_relay_refill_position',
  help: 'Position up to which missing states have been filled in; absent if none is missing',
  labelNames,
});

const refillTarget = new Gauge({
  name: 'perdure_relay_refill_target',
  help: 'Position at which the refill of a state topic ends; absent if none is running',
  labelNames,
});

/** Shows the progress of the relay with a category, if it runs in this process. */
export function showRelay(category: string, before: RelayProgress | undefined, now: RelayProgress): void {
  events.inc({ category }, Math.max(0, now.relayed - (before?.relayed ?? 0)));
  if (now.position !== undefined) position.set({ category }, Number(now.position));
  if (now.behindSeconds !== null) behind.set({ category }, now.behindSeconds);
  showRefill(category, now.refill);
  if (!now.folds) return;
  folds.set({ category }, now.folds.entries);
  foldBytes.set({ category }, now.folds.bytes);
  foldBytesLimit.set({ category }, now.folds.maxBytes);
  foldsEvicted.inc({ category }, Math.max(0, now.folds.evicted - (before?.folds?.evicted ?? 0)));
}

function showRefill(category: string, refill: RefillProgress | undefined): void {
  statesOwed.set({ category }, refill?.owed ?? 0);
  if (refill) refillPosition.set({ category }, Number(refill.position ?? 0));
  else refillPosition.remove({ category });
  if (refill?.target === undefined) refillTarget.remove({ category });
  else refillTarget.set({ category }, Number(refill.target));
}

/** The relay now runs elsewhere, so this process reports nothing about it. */
export function hideRelay(category: string): void {
  for (const gauge of [position, behind, statesOwed, refillPosition, refillTarget])
    gauge.remove({ category });
  for (const gauge of [folds, foldBytes, foldBytesLimit]) gauge.remove({ category });
}

import { Counter, Gauge } from 'prom-client';
import type { RelayProgress } from './relay.js';
import type { RefillProgress } from './state-refill.js';

const labelNames = ['category'] as const;

const events = new Counter({
  name: 'perdure_relay_events_total',
  help: 'Events that relays of this process have put on their topics',
  labelNames,
});

const position = new Gauge({
  name: 'perdure_relay_position',
  help: 'Position in the event store of the last event on the topic, where the relay runs in this process',
  labelNames,
});

const behind = new Gauge({
  name: 'perdure_relay_behind_seconds',
  help: 'Age of the oldest event that is not on the topic yet, where the relay runs in this process',
  labelNames,
});

const folds = new Gauge({
  name: 'perdure_relay_folds',
  help: 'Folds of entities that the relay holds in memory, where it runs in this process',
  labelNames,
});

const foldBytes = new Gauge({
  name: 'perdure_relay_fold_bytes',
  help: 'Heap that these folds take; the least recently used ones are evicted at the limit',
  labelNames,
});

const foldBytesLimit = new Gauge({
  name: 'perdure_relay_fold_bytes_limit',
  help: 'The limit of perdure_relay_fold_bytes',
  labelNames,
});

const foldsEvicted = new Counter({
  name: 'perdure_relay_folds_evicted_total',
  help: 'Folds that relays of this process dropped at the limit; each is folded again from its stream when needed',
  labelNames,
});

const statesOwed = new Gauge({
  name: 'perdure_relay_states_owed',
  help: 'Entities whose events are on their topic and whose state is not yet, where the relay runs in this process',
  labelNames,
});

const refillPosition = new Gauge({
  name: 'perdure_relay_refill_position',
  help: 'Position up to which missing states have been filled in; absent while none is missing',
  labelNames,
});

const refillTarget = new Gauge({
  name: 'perdure_relay_refill_target',
  help: 'Position at which the refill of a whole topic of states ends; absent while none runs',
  labelNames,
});

/** Shows how far the relay of a category is that runs here. */
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

/** It runs somewhere else from now on: this process says nothing of it. */
export function hideRelay(category: string): void {
  for (const gauge of [position, behind, statesOwed, refillPosition, refillTarget])
    gauge.remove({ category });
  for (const gauge of [folds, foldBytes, foldBytesLimit]) gauge.remove({ category });
}

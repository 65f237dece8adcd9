import { Counter, Gauge } from 'prom-client';

/** The kinds of requests that are counted while they last. */
export const KINDS = ['requests', 'waiting', 'feeds'] as const;

/** A feed, a request that waits for an outcome, or any other request. */
export type RequestKind = (typeof KINDS)[number];

/** Whose limit was reached: that of one caller, or that of the process. */
export type LimitOf = 'caller' | 'process';

const refused = new Counter({
  name: 'perdure_limit_refusals_total',
  help: 'Requests refused by a limit: rate, credentials, requests, waiting, feeds or doctor; of a caller or of the process',
  labelNames: ['limit', 'of'],
});

const open = new Gauge({
  name: 'perdure_requests_in_progress',
  help: 'Admitted requests that are not answered completely, by kind: requests, waiting or feeds',
  labelNames: ['kind'],
});

const dropped = new Counter({
  name: 'perdure_limit_callers_dropped_total',
  help: 'Callers whose count of requests was dropped because too many others sent some',
});

/** Counts a request that a limit refused. */
export function showLimitRefusal(limit: RequestKind | 'rate' | 'credentials' | 'doctor', of: LimitOf): void {
  refused.inc({ limit, of });
}

/** Counts a caller whose bucket was dropped. */
export function showDroppedCaller(): void {
  dropped.inc();
}

/** Shows how many requests of a kind are in progress in this process. */
export function showInProgress(kind: RequestKind, count: number): void {
  open.set({ kind }, count);
}

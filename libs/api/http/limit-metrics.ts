import { Counter, Gauge } from 'prom-client';
import { problems } from '#libs/core/problems.js';

/** The kinds of requests that are counted while they last. */
export const KINDS = ['requests', 'waiting', 'feeds'] as const;

/** A feed, a request that waits for an outcome, or any other request. */
export type RequestKind = (typeof KINDS)[number];

/** Whose limit was reached: that of one caller, or that of the process. */
export type LimitOf = 'caller' | 'process';

const refused = new Counter({
  name: 'perdure_limit_refusals_total',
  help: 'What a limit refused: rate, credentials, requests, waiting, feeds, doctor or connections, of a caller or of the process; body, headers, address, depth or arrival of a request',
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

/** The codes of requests that are too large or too slow, and what is bounded. */
const BOUNDS: Readonly<Record<string, string>> = {
  [problems.tooLarge.code]: 'body',
  [problems.headersTooLarge.code]: 'headers',
  [problems.uriTooLong.code]: 'address',
  [problems.timeout.code]: 'arrival',
};

/** A limit that counts requests or connections. */
type CountLimit = RequestKind | 'rate' | 'credentials' | 'doctor' | 'connections';

/** Counts what a limit refused: a request or a connection. */
export function showLimitRefusal(limit: CountLimit, of: LimitOf): void {
  refused.inc({ limit, of });
}

/** Counts an answer with this code, if it means that the request was too large or too slow. */
export function showBoundRefusal(code: string): void {
  const { [code]: limit } = BOUNDS;
  if (limit !== undefined) refused.inc({ limit, of: 'request' });
}

/** Counts a body that was nested too deeply. */
export function showTooDeep(): void {
  refused.inc({ limit: 'depth', of: 'request' });
}

/** Counts a caller whose bucket was dropped. */
export function showDroppedCaller(): void {
  dropped.inc();
}

/** Shows how many requests of a kind are in progress in this process. */
export function showInProgress(kind: RequestKind, count: number): void {
  open.set({ kind }, count);
}

import type { Json } from '../../json.js';
import type { CallPolicies, FlowTypes } from '../flow.js';
import type { FlowContext } from '../flow-context.js';
import type { SpreadWork } from '../flow-host.js';
import type { Inbox } from '../inbox.js';
import { millisecondsIn } from '../duration.js';
import type { SpreadOptions, SpreadOrder, SpreadRequest, SpreadResult, SpreadSource } from './spread.js';

type AnyContext = FlowContext<FlowTypes, CallPolicies>;

const ITEMS_PER_LEAF = 500;
const MOST_ITEMS_PER_LEAF = 1_000;
const LEAVES = 16;
const MOST_LEAVES = 400;

/** The messages that steer a spread, if the flow has them (`spreadMessages` in the contracts). */
const ORDERS = { Pause: 'pause', Resume: 'resume', RetryFailed: 'retry', Finish: 'finish' } as const;

/**
 * See `Flow.spread`. If it is cancelled, it waits until the leaves have stopped, so that what was
 * done is known and reported.
 */
export async function runSpread<Data extends object, Value extends Json>(
  context: AnyContext,
  source: SpreadSource,
  options: SpreadOptions<Data, Value>,
): Promise<SpreadResult<Value>> {
  const { round, scope, places } = context;
  const { report = (progress) => context.progress(progress) } = options;
  const place = places.next(options.leaf.name);
  const request = requestOf(place, source, options);
  scope.check();
  const work = round.host.spread(request, report);
  const stopListening = listen(round.inbox, work);
  try {
    const wait = { place, kind: 'child' as const, name: options.leaf.name };
    const end = await round.whileWaiting(wait, () => scope.finish(() => work));
    report(end.progress);
    scope.check();
    return end.result as SpreadResult<Value>;
  } finally {
    stopListening();
  }
}

/** Throws `RangeError` for a number that cannot be used: it is a defect of the code. */
function requestOf<Data extends object, Value extends Json>(
  place: string,
  source: SpreadSource,
  options: SpreadOptions<Data, Value>,
): SpreadRequest {
  const { leaf, data, itemsPerLeaf = ITEMS_PER_LEAF, leaves = LEAVES, perSecond, tolerance = 1 } = options;
  checkWhole('count', source.count, 0, Number.MAX_SAFE_INTEGER);
  checkWhole('itemsPerLeaf', itemsPerLeaf, 1, MOST_ITEMS_PER_LEAF);
  checkWhole('leaves', leaves, 1, MOST_LEAVES);
  if (!(tolerance >= 0 && tolerance <= 1)) throw new RangeError('tolerance is from 0 to 1');
  if (perSecond !== undefined && !(perSecond > 0)) throw new RangeError('perSecond is more than 0');
  return {
    place,
    leaf: leaf.name,
    source,
    data: data ?? {},
    itemsPerLeaf,
    leaves,
    ...(perSecond !== undefined && { perSecond }),
    tolerance,
    retryFor: millisecondsIn(options.retryFor ?? 0),
  };
}

function checkWhole(name: string, value: number, from: number, to: number): void {
  if (Number.isSafeInteger(value) && value >= from && value <= to) return;
  throw new RangeError(`${name} is a whole number from ${from} to ${to}`);
}

/** Hands the messages that steer it to the spread. Returns how to end that. */
function listen(inbox: Inbox, work: SpreadWork): () => void {
  const endings = new Map<string, () => void>();
  const hear = (name: keyof typeof ORDERS): void => {
    const order = (n: number): SpreadOrder => ({ order: ORDERS[name], n });
    for (let here = inbox.take(name); here; here = inbox.take(name)) work.order(order(here.n));
    const next = inbox.next(name);
    endings.set(name, next.cancel);
    void next.result.then(({ n }) => {
      work.order(order(n));
      if (endings.has(name)) hear(name);
    });
  };
  for (const name of Object.keys(ORDERS) as (keyof typeof ORDERS)[]) hear(name);
  return () => {
    for (const end of endings.values()) end();
    endings.clear();
  };
}

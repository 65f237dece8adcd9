import type { CallPolicies, Flow, FlowTypes } from './flow.js';
import type { EachOptions } from './flow-options.js';
import type { FlowContext } from './flow-context.js';
import { placeOfBranch } from './places.js';
import type { Scope } from './scope.js';

type AnyContext = FlowContext<FlowTypes, CallPolicies>;
type AnyFlow = Flow<FlowTypes>;
type AnyBranch = (f: AnyFlow) => Promise<unknown>;

const MOST_ITEMS = 2_000;
const MOST_AT_ONCE = 100;
const AT_ONCE = 20;
const ENDED_EARLY = 'another branch has decided the outcome';

/** A branch that runs. */
interface Running {
  readonly name: string;
  readonly scope: Scope;
  readonly result: Promise<unknown>;
}

/** See `Flow.all`. */
export async function all(
  context: AnyContext,
  branches: Readonly<Record<string, AnyBranch>>,
  name: string,
): Promise<Readonly<Record<string, unknown>>> {
  const running = startAll(context, branches, name);
  const values = await allOf(running);
  return Object.fromEntries(running.map((one, index) => [one.name, values[index]]));
}

/** See `Flow.race`. */
export async function race(
  context: AnyContext,
  branches: Readonly<Record<string, AnyBranch>>,
  name: string,
): Promise<{ winner: string; value: unknown }> {
  const running = startAll(context, branches, name);
  if (running.length === 0) throw new TypeError('a race needs a branch');
  let winner: string | undefined;
  try {
    return await Promise.race(
      running.map(async (one) => {
        const value = await one.result.finally(() => (winner ??= one.name));
        return { winner: one.name, value };
      }),
    );
  } finally {
    await end(
      context,
      running.filter((one) => one.name !== winner),
    );
  }
}

/** See `Flow.each`. */
export async function each<Item>(
  context: AnyContext,
  items: readonly Item[],
  { key, limit = AT_ONCE }: EachOptions<Item>,
  branch: (item: Item, f: AnyFlow) => Promise<unknown>,
  name: string,
): Promise<readonly never[]> {
  const place = context.places.next(name);
  const keys = items.map(key);
  if (items.length > MOST_ITEMS) throw new RangeError(`each takes at most ${MOST_ITEMS} items`);
  if (!(limit >= 1 && limit <= MOST_AT_ONCE)) throw new RangeError(`limit is from 1 to ${MOST_AT_ONCE}`);
  if (new Set(keys).size < keys.length) throw new TypeError('two items have the same key');
  const values: unknown[] = [];
  const left = items.entries();
  const lane = async (f: AnyContext): Promise<void> => {
    for (const [index, item] of left) {
      f.scope.check();
      values[index] = await start(f, place, keys[index] as string, (inner) => branch(item, inner)).result;
    }
  };
  const lanes = Array.from({ length: Math.min(limit, items.length) }, (_, index) => {
    const scope = context.scope.open();
    const inner = context.inner(scope, place);
    const result = counted(context, lane(inner)).finally(() => context.scope.close(scope));
    return { name: String(index), scope, result };
  });
  await allOf(lanes);
  return values as never[];
}

function startAll(
  context: AnyContext,
  branches: Readonly<Record<string, AnyBranch>>,
  name: string,
): readonly Running[] {
  const place = context.places.next(name);
  return Object.entries(branches).map(([key, branch]) => start(context, place, key, branch));
}

function start(context: AnyContext, place: string, name: string, branch: AnyBranch): Running {
  const scope = context.scope.open();
  const inner = context.inner(scope, placeOfBranch(place, name));
  const run = async (): Promise<unknown> => branch(inner.asFlow());
  const result = counted(context, run()).finally(() => context.scope.close(scope));
  // The caller that waits for all of them learns of each error, which must not count as unhandled
  // before.
  result.catch(() => undefined);
  return { name, scope, result };
}

async function counted<T>({ round }: AnyContext, result: Promise<T>): Promise<T> {
  round.openBranches += 1;
  try {
    return await result;
  } finally {
    round.openBranches -= 1;
  }
}

async function allOf(running: readonly Running[]): Promise<readonly unknown[]> {
  try {
    return await Promise.all(running.map(({ result }) => result));
  } catch (error) {
    await cancelAll(running);
    throw error;
  }
}

/** Cancels branches, and waits for them. */
async function cancelAll(running: readonly Running[]): Promise<void> {
  for (const { scope } of running) scope.cancel(ENDED_EARLY);
  await Promise.allSettled(running.map(({ result }) => result));
}

/**
 * Cancels branches that have lost, and waits for them. What they took last and did not use is put
 * back.
 */
async function end({ round }: AnyContext, lost: readonly Running[]): Promise<void> {
  await cancelAll(lost);
  for (const { scope } of lost) {
    const { lastTaken } = scope;
    if (lastTaken) round.inbox.putBack(lastTaken);
  }
}

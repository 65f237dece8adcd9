import { derivedUuid } from './derived.js';
import { millisecondsIn } from './duration.js';
import type { CallPolicies, FlowTypes } from './flow.js';
import type { CallbackAddress, CallbackOptions } from './flow-options.js';
import { CallbackFailed, CallbackSilent } from './flow.errors.js';
import type { FlowContext } from './flow-context.js';
import type { CallbackWatch, Work } from './flow-host.js';
import type { CallbackOutcome } from './flow.messages.js';
import type { FlowRound } from './flow-round.js';
import { endOfCallback } from './inbox.js';

type AnyContext = FlowContext<FlowTypes, CallPolicies>;
type End = CallbackOutcome | 'silent' | 'late';

/** Silence is noticed within half a second of this. */
const SHORTEST_HEARTBEAT = 2_000;

/**
 * Hands out an address. Its end reaches the flow as a message, so it is received once, also after a
 * restart. It belongs to its branch: when that ends, the address is closed.
 */
export function openCallback(
  context: AnyContext,
  name: string,
  { timeout, heartbeat: longest }: CallbackOptions,
): CallbackAddress {
  const { round, places } = context;
  const place = places.next(name);
  context.scope.check();
  const heartbeat = longest === undefined ? undefined : millisecondsIn(longest);
  if (heartbeat !== undefined && heartbeat < SHORTEST_HEARTBEAT) {
    throw new RangeError(`the heartbeat of a callback is at least ${SHORTEST_HEARTBEAT} ms`);
  }
  const { until } = round.endOf(place, millisecondsIn(timeout));
  const url = `callback-address:${derivedUuid(`${round.start.seed} ${place}`)}`;
  const scope = context.scope.open();
  const close = () => scope.cancel('nobody waits for the callback any more');
  context.scope.atEnd.add(close);
  round.callbacks.add(place, { url, until, close });
  const wait = { place, kind: 'callback' as const, name, until };
  const ended = round
    .whileWaiting(wait, () => scope.run(() => endOf(round, { place, until, heartbeat })))
    .finally(() => {
      round.callbacks.end(place);
      context.scope.atEnd.delete(close);
      context.scope.close(scope);
    });
  // A caller of `result` learns of an error.
  ended.catch(() => undefined);
  return {
    url,
    until,
    result: async (f) => {
      const within = (f as unknown as AnyContext | undefined)?.scope ?? context.scope;
      return resultOf(name, await within.run(() => ({ result: ended, cancel: () => undefined })));
    },
  };
}

function resultOf(name: string, end: End) {
  if (end === 'silent') throw new CallbackSilent('FLOW.CALLBACK_SILENT', `${name} reports no progress`);
  if (end === 'late') throw new CallbackSilent('FLOW.CALLBACK_LATE', `${name} has not ended in time`);
  if (end.status === 'completed') return end.result;
  throw new CallbackFailed(end.code, end.detail);
}

/** An end that has arrived before the silence is noticed wins, as a message does over a timeout. */
function endOf({ host, inbox, callbacks }: FlowRound, watch: CallbackWatch): Work<End> {
  const name = endOfCallback(watch.place);
  const here = inbox.take(name);
  if (here) return { result: Promise.resolve(here.data as CallbackOutcome), cancel: () => undefined };
  const message = inbox.next(name);
  const reported = message.result.then(({ data }) => data as CallbackOutcome);
  const watched = host.watchCallback(watch);
  const silence = watched.result.then(async (why) => {
    callbacks.end(watch.place, host.arrived());
    await host.settled();
    return why;
  });
  const cancel = (): void => {
    watched.cancel();
    message.cancel();
  };
  silence.catch(() => undefined);
  const result = Promise.race([reported, silence]).then((end) => {
    if (typeof end === 'string') message.cancel();
    else watched.cancel();
    return end;
  });
  return { result, cancel };
}

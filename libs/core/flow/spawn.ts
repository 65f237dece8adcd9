import { parseStreamName } from '../entity-id.js';
import type { JsonObject } from '../json.js';
import type { CallPolicies, Child, FlowKind, FlowTypes } from './flow.js';
import type { SpawnOptions } from './flow-options.js';
import { ChildFailed } from './flow.errors.js';
import type { FlowContext } from './flow-context.js';
import type { ChildOutcome } from './flow.messages.js';
import type { FlowRound } from './flow-round.js';
import { endOfChild } from './inbox.js';

/** Children of one flow that have not ended. */
const MOST_CHILDREN = 400;

/**
 * Starts a child: an ordinary `StartChild` command, to which the child's last event answers with
 * `ChildEnded`. So neither continuing as new nor a restart of either loses the other.
 */
export async function spawn<Other extends FlowTypes>(
  context: FlowContext<FlowTypes, CallPolicies>,
  kind: FlowKind<Other>,
  id: string,
  input: Other['input'],
  { onEnd = 'cancel' }: SpawnOptions,
): Promise<Child<Other>> {
  const { round, scope, places } = context;
  const { category } = kind;
  const place = places.next(`${category}.${id}`);
  if (round.children.size >= MOST_CHILDREN)
    throw new RangeError(`a flow has at most ${MOST_CHILDREN} children`);
  scope.check();
  // Noted first: if the flow is cancelled meanwhile, the child may have been started.
  round.children.set(place, { category, id, onEnd });
  const own = parseStreamName(round.start.stream);
  const parent = { category: own?.category ?? '', id: round.start.id, place };
  const command = { type: 'StartChild', data: { input: input as JsonObject, parent } };
  const sent = await context.sendAt(place, { category, id }, command);
  if (sent.status === 'rejected') {
    round.children.delete(place);
    throw new ChildFailed(sent.code, sent.detail);
  }
  const wait = { place, kind: 'child' as const, name: `${category}.${id}` };
  let ended: Promise<ChildOutcome> | undefined;
  // One that asks may be cancelled, but the end is kept for the next one that asks.
  const end = () => ({ result: (ended ??= endOf(round, place)), cancel: () => undefined });
  return {
    id,
    result: async (f) => {
      const within = (f as unknown as typeof context | undefined)?.scope ?? scope;
      const outcome = await round.whileWaiting(wait, () => within.run(end));
      if (outcome.status === 'completed') return outcome.result;
      throw new ChildFailed(outcome.code, outcome.detail);
    },
    send: (name, data) => context.flow(kind, id).send(name, data),
    cancel: (reason) => context.flow(kind, id).cancel(reason),
  };
}

async function endOf(round: FlowRound, place: string): Promise<ChildOutcome> {
  const name = endOfChild(place);
  const message = round.inbox.take(name) ?? (await round.inbox.next(name).result);
  round.children.delete(place);
  return message.data as ChildOutcome;
}

import { parseStreamName } from '../entity-id.js';
import type { JsonObject } from '../json.js';
import type { CallPolicies, Child, FlowKind, FlowTypes, SpawnOptions } from './flow.js';
import { ChildFailed } from './flow.errors.js';
import type { FlowContext } from './flow-context.js';
import type { ChildOutcome } from './flow.messages.js';
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
  let ended: Promise<ChildOutcome> | undefined;
  const outcome = (): Promise<ChildOutcome> => {
    ended ??= endOf(context, place, category, id);
    // A branch that was cancelled leaves the end to the next one that asks.
    ended.catch(() => (ended = undefined));
    return ended;
  };
  return {
    id,
    result: async () => {
      const end = await outcome();
      if (end.status === 'completed') return end.result;
      throw new ChildFailed(end.code, end.detail);
    },
    send: (name, data) => context.flow(kind, id).send(name, data),
    cancel: (reason) => context.flow(kind, id).cancel(reason),
  };
}

async function endOf(
  { round, scope }: FlowContext<FlowTypes, CallPolicies>,
  place: string,
  category: string,
  id: string,
): Promise<ChildOutcome> {
  const name = endOfChild(place);
  const take = () => round.inbox.take(name) ?? scope.run(() => round.inbox.next(name));
  const message = await round.whileWaiting({ place, kind: 'child', name: `${category}.${id}` }, async () =>
    take(),
  );
  round.children.delete(place);
  return message.data as ChildOutcome;
}

import type { Json, JsonObject } from '../json.js';
import type { CallPolicies, FlowFunction, FlowTypes } from './flow.js';
import { FlowContext, NextRound } from './flow-context.js';
import { CallUnresolved, Cancelled, FlowError } from './flow.errors.js';
import type { FlowRound, Undo } from './flow-round.js';
import { Places } from './places.js';
import { Scope } from './scope.js';

/** How a round ended. */
export type RoundEnd =
  | { readonly status: 'completed'; readonly result: JsonObject }
  | { readonly status: 'failed'; readonly code: string; readonly detail: string }
  | { readonly status: 'cancelled' }
  | { readonly status: 'next'; readonly state: Json };

/** What a person has decided about a compensation that was refused. */
export type StuckAnswer = 'retry' | 'resolved';

/** Makes a refused compensation known, and waits until a person has dealt with it. */
export type AwaitStuck = (name: string, error: FlowError) => Promise<StuckAnswer>;

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- of any flow
export type AnyFlowFunction = FlowFunction<any, any>;

/**
 * Runs the function of a flow once, to its end. If it fails or is cancelled, compensates. A defect
 * is thrown as it is, and nothing is compensated.
 */
export async function runRound(
  round: FlowRound,
  scope: Scope,
  main: AnyFlowFunction,
  input: JsonObject,
  awaitStuck: AwaitStuck,
): Promise<RoundEnd> {
  const end = await outcomeOf(round, scope, main, input);
  // A process that reports from now on learns that it is over.
  round.callbacks.closeAll();
  if (end.status === 'next') return end;
  if (end.status !== 'completed') await compensate(round, awaitStuck);
  round.callbacks.closeAll();
  await cancelChildren(round);
  return end;
}

async function outcomeOf(
  round: FlowRound,
  scope: Scope,
  main: AnyFlowFunction,
  input: JsonObject,
): Promise<RoundEnd> {
  const places = new Places(round.prefix);
  const f = new FlowContext<FlowTypes, CallPolicies>(round, scope, places, true);
  try {
    return { status: 'completed', result: (await main(input, f.asFlow())) as JsonObject };
  } catch (error) {
    if (error instanceof NextRound) return { status: 'next', state: error.state };
    if (error instanceof Cancelled && scope.isCancelled) return { status: 'cancelled' };
    if (error instanceof FlowError) return { status: 'failed', code: error.code, detail: error.detail };
    throw error;
  }
}

/** The last step is undone first. A compensation may register further ones. */
async function compensate(round: FlowRound, awaitStuck: AwaitStuck): Promise<void> {
  const places = new Places(`${round.prefix}/undo`);
  for (let undo = round.undos.pop(); undo; undo = round.undos.pop()) {
    await insist(round, undo, places.next(undo.name), awaitStuck);
  }
}

/**
 * Runs a compensation until it succeeds or a person has resolved it. After a refusal, the next
 * attempt has new keys, because the old ones stand for the refusal; after an unknown outcome it has
 * the same.
 */
async function insist(round: FlowRound, { name, run }: Undo, place: string, awaitStuck: AwaitStuck) {
  for (let refusals = 0; ;) {
    const at = refusals === 0 ? place : `${place}~${refusals}`;
    const f = shieldedAt(round, at);
    try {
      await run(f.asFlow());
      return;
    } catch (error) {
      if (!(error instanceof FlowError)) throw error;
      if (!(error instanceof CallUnresolved)) refusals += 1;
      if ((await awaitStuck(name, error)) === 'resolved') return;
    }
  }
}

async function cancelChildren(round: FlowRound): Promise<void> {
  const f = shieldedAt(round, `${round.prefix}/end`);
  const open = [...round.children.values()].filter(({ onEnd }) => onEnd === 'cancel');
  const reason = 'the flow that started it has ended';
  await Promise.all(open.map((child) => f.send(child, { type: 'Cancel', data: { reason } })));
}

/** A context at a place that cancelling the flow does not reach. */
function shieldedAt(round: FlowRound, place: string): FlowContext<FlowTypes, CallPolicies> {
  return new FlowContext<FlowTypes, CallPolicies>(round, new Scope(), new Places(place), false);
}

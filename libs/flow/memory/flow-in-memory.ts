import type { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import type { Call } from '#libs/entity/activities/call-outside.js';
import type { CommandSender } from '#libs/entity/activities/run-effect.js';
import { type FlowDoor, type FlowKind, flowOver, type FlowTypes, type Sent } from '#libs/core/flow/flow.js';
import { Cancelled, FlowFailure } from '#libs/core/flow/flow.errors.js';
import type { FlowHandle } from '#libs/core/flow/flow-handle.js';
import type { MemoryFlow, MemoryFlowType } from './memory-flow.js';
import { MemoryFlows } from './memory-flows.js';

/** What flows in memory may use outside. */
export interface OutsideOfMemory {
  /** What they may call, by name. */
  readonly calls?: Readonly<Record<string, Call>>;
  /** Reaches entities, and flows of types that do not run in memory. */
  readonly gateway?: CommandSender & Pick<EntityGateway, 'ask'>;
  /** How many flows may run at a time; default: 10,000. */
  readonly mostOpen?: number;
}

/** What can be sent to one flow in memory. Starting it returns its handle. */
export interface MemoryDoor<T extends FlowTypes> extends Omit<FlowDoor<T, Promise<Sent>>, 'start'> {
  /** Throws `FlowFailure` with the code of the rejection if it cannot be started. */
  start(input: T['input']): Promise<FlowHandle<T>>;
}

/**
 * Builds the function that runs flows in the memory of this process: `flow(CardPayment,
 * 'p-1').start({ … })`. Functions, rules, retries and idempotency keys are those of the durable
 * host, and four things differ:
 *
 * - State: it is in this process. No stream, list, feed or topic shows the flow.
 * - Crash: if the process ends, so do its flows. Nothing resumes and nothing is compensated.
 * - Duration: time passes only while the process runs, so a flow should last for minutes, not days.
 * - Completion: after a crash, nobody can find out how far a flow was, or whether it has ended.
 *
 * A flow with a defect in its code ends with `FLOW.DEFECT`, and `result` throws the error itself.
 */
export function flowInMemory(types: readonly MemoryFlowType[], outside: OutsideOfMemory = {}) {
  const flows = new MemoryFlows(types, outside);
  const doorOf = flowOver<Promise<Sent>>(async (to, { type, data }) => flows.receive(to, type, data));
  return <T extends FlowTypes>(kind: FlowKind<T>, id: string): MemoryDoor<T> => {
    const { start: begin, ...talk } = doorOf(kind, id);
    const start = async (input: T['input']): Promise<FlowHandle<T>> => {
      const sent = await begin(input);
      if (sent.status === 'rejected') throw new FlowFailure(sent.code, sent.detail);
      const flow = flows.find({ category: kind.category, id });
      return { ...talk, id, result: () => resultOf(flow), state: async () => flow.look() };
    };
    return { ...talk, start };
  };
}

async function resultOf({ end }: MemoryFlow): Promise<object> {
  const { state, defect } = await end;
  const { status, result = {}, failure, cancelReason = '' } = state;
  if (defect) throw defect;
  if (failure) throw new FlowFailure(failure.code, failure.detail);
  if (status === 'cancelled') throw new Cancelled(cancelReason);
  return result;
}

import type { Action } from '#libs/core/effect.js';
import { parseStreamName, streamName } from '#libs/core/entity-id.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { Sent } from '#libs/core/flow/flow.js';
import type { JsonObject } from '#libs/core/json.js';
import type { CommandSender } from '#libs/entity/activities/run-effect.js';
import type { StepRequest } from '#libs/flow/protocol/flow-activities.js';
import type { OutsideOfMemory } from './flow-in-memory.js';
import { type MemoryCommand, MemoryFlow, type MemoryFlowType, type MemoryHome } from './memory-flow.js';

/** Flows that have not ended, and ended ones that are remembered. */
const MOST_OPEN = 10_000;
const MOST_ENDED = 1_000;

const STARTS: readonly string[] = ['Start', 'StartChild', 'StartFor'];

/** The flow that a command is for. */
interface Address {
  readonly category: string;
  readonly id: string;
}

/** All flows in the memory of a process. */
export class MemoryFlows implements MemoryHome {
  readonly sender: CommandSender;
  readonly calls;
  private readonly types: ReadonlyMap<string, MemoryFlowType>;
  private readonly flows = new Map<string, MemoryFlow>();
  /** In the order in which they ended. */
  private readonly past = new Set<string>();

  constructor(
    types: readonly MemoryFlowType[],
    private readonly outside: OutsideOfMemory,
  ) {
    this.types = new Map(types.map((type) => [type.contract.name, type]));
    this.calls = outside.calls ?? {};
    this.sender = { execute: (...of) => this.deliver(...of) };
  }

  /** Takes a command of the program, whose data has to be what the contract says. */
  receive(to: Address, type: string, data: object): Sent {
    const { commands } = this.typeOf(to.category).contract;
    const parsed = commands[type]?.schema.safeParse(data);
    if (parsed && !parsed.success) {
      return { status: 'rejected', code: 'COMMAND.MALFORMED', detail: parsed.error.message };
    }
    return this.execute(to, { type, data: (parsed?.data ?? data) as JsonObject });
  }

  find({ category, id }: Address): MemoryFlow {
    const stream = streamName(category, id);
    return this.flows.get(stream) ?? new MemoryFlow(id, stream, this.typeOf(category), this);
  }

  check({ action }: StepRequest): void {
    if (action.kind === 'call') {
      if (!this.calls[action.call]) throw new TypeError(`no call named ${action.call} was given`);
    } else if (!this.types.has(action.to.category)) this.gateway(action.to.category);
  }

  async ask(stream: string): Promise<JsonObject | undefined> {
    const { category = '', id = '' } = parseStreamName(stream) ?? {};
    if (!this.types.has(category)) return this.gateway(category).ask(stream);
    const state = this.find({ category, id }).look();
    return state.status === undefined ? undefined : (state as unknown as JsonObject);
  }

  tell(from: string, action: Action): void {
    if (action.kind !== 'send' || !this.types.has(action.to.category)) return;
    this.execute(action.to, { ...action.command, sender: from });
  }

  ended(stream: string): void {
    this.past.add(stream);
    const [oldest] = this.past;
    if (this.past.size <= MOST_ENDED || oldest === undefined) return;
    this.past.delete(oldest);
    this.flows.delete(oldest);
  }

  private execute(to: Address, command: MemoryCommand): Sent {
    const stream = streamName(to.category, to.id);
    const { mostOpen = MOST_OPEN } = this.outside;
    if (STARTS.includes(command.type) && this.flows.size - this.past.size >= mostOpen) {
      const detail = `${mostOpen} flows of this process have not ended`;
      return { status: 'rejected', code: 'FLOW.TOO_MANY', detail };
    }
    const flow = this.find(to);
    const sent = flow.execute(command);
    if (sent.status === 'accepted' && !this.flows.has(stream)) this.flows.set(stream, flow);
    return sent;
  }

  private async deliver(stream: string, envelopes: readonly CommandEnvelope[], waitMilliseconds: number) {
    const { category = '', id = '' } = parseStreamName(stream) ?? {};
    if (!this.types.has(category)) {
      return this.gateway(category).execute(stream, envelopes, waitMilliseconds);
    }
    return envelopes.map((envelope) => this.execute({ category, id }, envelope));
  }

  private gateway(category: string): NonNullable<OutsideOfMemory['gateway']> {
    const { gateway } = this.outside;
    if (!gateway) throw new TypeError(`no gateway was given that reaches ${category}`);
    return gateway;
  }

  private typeOf(category: string): MemoryFlowType {
    const type = this.types.get(category);
    if (!type) throw new TypeError(`${category} is no flow that runs in memory`);
    return type;
  }
}

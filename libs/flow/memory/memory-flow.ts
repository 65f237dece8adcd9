import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { FlowContract } from '#contracts/flow/flow.contract.js';
import type { Action } from '#libs/core/effect.js';
import type { CallPolicies, Message, Sent } from '#libs/core/flow/flow.js';
import { flowDecider } from '#libs/core/flow/flow.decider.js';
import type { FlowError } from '#libs/core/flow/flow.errors.js';
import {
  type AnyFlowFunction,
  type RoundEnd,
  runRound,
  type StuckAnswer,
} from '#libs/core/flow/flow-main.js';
import type { FlowEvent } from '#libs/core/flow/flow.messages.js';
import { FlowRound } from '#libs/core/flow/flow-round.js';
import { type FlowState, isOpenFlow, notStartedFlow } from '#libs/core/flow/flow.state.js';
import { Inbox, messageIn } from '#libs/core/flow/inbox.js';
import { Scope } from '#libs/core/flow/scope.js';
import type { Json, JsonObject } from '#libs/core/json.js';
import { jsonBytes } from '#libs/core/json-bytes.js';
import { isRejection } from '#libs/core/rejection.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import { copyOf, memoryHost, type MemorySteps } from './memory-host.js';

/** A flow type that runs in memory: its contract, its function, and how its calls are tried. */
export interface MemoryFlowType {
  readonly contract: FlowContract;
  readonly main: AnyFlowFunction;
  readonly calls?: CallPolicies;
}

/** A command to a flow in memory. */
export interface MemoryCommand {
  readonly type: string;
  readonly data: JsonObject;
  /** The stream of the flow that sends it. */
  readonly sender?: string;
}

/** Where a flow in memory lives. */
export interface MemoryHome extends MemorySteps {
  /** Sends what a flow has to say once it has ended: the outcome, to its parent. */
  tell(from: string, action: Action): void;
  /** Called once the flow has ended. */
  ended(stream: string): void;
}

/** How a flow in memory has ended: with a state, or with a defect of its code. */
export type MemoryEnd = { readonly state: FlowState; readonly defect?: Error };

/** A flow whose events are folded and forgotten, and whose function runs in this process. */
export class MemoryFlow {
  readonly end: Promise<MemoryEnd>;
  private state: FlowState = notStartedFlow;
  private revision = -1;
  private readonly execution = randomUUID();
  private readonly decider;
  private readonly inbox = new Inbox((message, by) => this.count(message, by));
  private readonly read = { read: 0, readBytes: 0 };
  private readonly stuck = new Map<string, (answer: StuckAnswer) => void>();
  private scope = new Scope();
  private round: FlowRound | undefined;
  private settle: (end: MemoryEnd) => void = () => undefined;
  private defect: Error | undefined;

  constructor(
    private readonly id: string,
    private readonly stream: string,
    private readonly type: MemoryFlowType,
    private readonly home: MemoryHome,
  ) {
    const { name, messages } = type.contract;
    this.decider = flowDecider({ name, messages: Object.keys(messages) });
    this.end = new Promise((resolve) => (this.settle = resolve));
  }

  /** Decides a command by the rules of every flow, and does what follows from its events. */
  execute({ type, data, sender }: MemoryCommand): Sent {
    const at = toTimestamp(Date.now());
    const host = { execution: this.execution, ...this.read };
    const from = sender === undefined ? {} : { sender };
    const command = { type, data: copyOf(data), at, entityId: this.id, host, ...from };
    const decision = this.decider.decide(command, this.state);
    if (isRejection(decision)) {
      const { code, detail } = decision;
      return { status: 'rejected', code, detail };
    }
    for (const event of decision) this.take(event);
    return { status: 'accepted', revision: this.revision };
  }

  /** The state, with what the function waits for and reports at this moment. */
  look(): FlowState {
    const { state, round } = this;
    if (!round || !isOpenFlow(state)) return state;
    const { waits, progress } = round;
    return { ...state, waits, ...(progress !== undefined && { progress }) };
  }

  private take(event: FlowEvent): void {
    this.revision += 1;
    this.state = this.decider.evolve(this.state, event);
    const message = messageIn(event);
    if (message) this.inbox.add(message);
    for (const { action } of this.decider.react?.(event, this.state, this.id) ?? []) {
      this.home.tell(this.stream, action);
    }
    if (event.type === 'FlowStarted') void this.live();
    if (event.type === 'FlowCancelRequested') this.scope.cancel(event.data.reason);
    if (event.type === 'CompensationRetried') this.stuck.get(event.data.name)?.('retry');
    if (event.type === 'CompensationResolved') this.stuck.get(event.data.name)?.('resolved');
    if (this.state.endedAt !== undefined) this.leave();
  }

  private leave(): void {
    const { state, defect } = this;
    this.settle({ state, ...(defect && { defect }) });
    this.home.ended(this.stream);
  }

  /** Runs one round after the other, until the function ends. */
  private async live(): Promise<void> {
    let next: Json | undefined;
    for (let epoch = 0; ; epoch += 1) {
      // The sender has its outcome first, and rounds without a wait leave time for others.
      await setImmediate();
      const end = await this.playRound(epoch, next).catch((error: Error) => this.noteDefect(error));
      if (end.status !== 'next') return this.tell(end);
      next = end.state;
    }
  }

  private async playRound(epoch: number, state: Json | undefined): Promise<RoundEnd> {
    const { id, stream, execution: seed, type, home } = this;
    const { startedAt = '', timers, input = {}, cancelReason } = this.state;
    this.scope = new Scope();
    if (cancelReason !== undefined) this.scope.cancel(cancelReason);
    const start = { id, stream, seed, startedAt, timers, epoch, state };
    this.round = new FlowRound(memoryHost(stream, seed, home), this.inbox, start, type.calls ?? {});
    const awaitStuck = (name: string, error: FlowError) => this.awaitStuck(name, error);
    return runRound(this.round, this.scope, type.main, copyOf(input), awaitStuck);
  }

  private noteDefect(error: Error): RoundEnd {
    this.defect = error;
    return { status: 'failed', code: 'FLOW.DEFECT', detail: String(error) };
  }

  private awaitStuck(name: string, { code, detail }: FlowError): Promise<StuckAnswer> {
    this.execute({ type: 'RecordStuckCompensation', data: { name, code, detail } });
    return new Promise((resolve) => this.stuck.set(name, resolve));
  }

  private tell(end: Exclude<RoundEnd, { status: 'next' }>): void {
    const value = this.round?.progress;
    if (value !== undefined) this.execute({ type: 'RecordProgress', data: { value } });
    const last = { unread: this.inbox.unread.map(({ n }) => n), seen: this.state.received };
    if (end.status === 'cancelled') return void this.execute({ type: 'ConfirmCancelled', data: last });
    if (end.status === 'failed') return this.fail(end, last);
    const told = this.execute({ type: 'Complete', data: { result: end.result, ...last } });
    if (told.status === 'rejected') this.fail(told, last);
  }

  private fail({ code, detail }: { readonly code: string; readonly detail: string }, last: JsonObject): void {
    this.execute({ type: 'Fail', data: { code, detail, ...last } });
  }

  private count({ data }: Message, by: 1 | -1): void {
    this.read.read += by;
    this.read.readBytes += by * jsonBytes(data);
  }
}

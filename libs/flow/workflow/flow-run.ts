import { allHandlersFinished } from '@temporalio/workflow';
import { parseStreamName } from '#libs/core/entity-id.js';
import type { CallPolicies } from '#libs/core/flow/flow.js';
import type { FlowError } from '#libs/core/flow/flow.errors.js';
import { evolveFlow } from '#libs/core/flow/flow.evolve.js';
import {
  type AnyFlowFunction,
  type RoundEnd,
  runRound,
  type StuckAnswer,
} from '#libs/core/flow/flow-main.js';
import type { FlowEvent } from '#libs/core/flow/flow.messages.js';
import { FlowRound } from '#libs/core/flow/flow-round.js';
import { type FlowState, isOpenFlow, notStartedFlow } from '#libs/core/flow/flow.state.js';
import { Scope } from '#libs/core/flow/scope.js';
import type { JsonObject } from '#libs/core/json.js';
import { toMilliseconds } from '#libs/core/timestamp.js';
import type { DecideRequest, DecideResult } from '#libs/entity/protocol/activity-messages.js';
import { currentTime } from '#libs/entity/workflow/alarm.js';
import type { EntityRun } from '#libs/entity/workflow/entity-run.js';
import { turns } from '#libs/entity/workflow/turns.js';
import { type CarriedFlow, carriedFlowIn } from './carried-flow.js';
import { clock } from './flow-clock.js';
import { FlowInbox } from './flow-inbox.js';
import { withHost } from './host-facts.js';
import { playWith } from './kept-input.js';
import { Milestones } from './milestones.js';
import { OwnCommands } from './own-commands.js';
import { isRunLong, isRunTooLong, TOO_LONG } from './run-length.js';
import { temporalHost } from './temporal-host.js';

/** What the workflow of a flow is made of. */
export interface FlowDefinition {
  readonly main: AnyFlowFunction;
  readonly calls: CallPolicies;
}

type NextRound = Extract<RoundEnd, { status: 'next' }>;

/**
 * The function of a flow, which runs next to the loop of its entity. What it knows comes from
 * events in the stream, and what it tells becomes commands of the flow to itself.
 */
export class FlowRun {
  readonly inbox: FlowInbox;
  private readonly own: OwnCommands;
  private readonly milestones = new Milestones();
  private readonly carried: CarriedFlow;
  /** The flow as its events tell it, whatever version of the state the entity has loaded. */
  private state: FlowState = notStartedFlow;
  private round: FlowRound | undefined;
  private scope = new Scope();
  private end: RoundEnd | undefined;
  private isEndTold = false;
  private defect: Error | undefined;
  /** Compensations that a person has resolved. */
  private readonly resolved = new Set<string>();

  constructor(
    private readonly run: EntityRun,
    private readonly definition: FlowDefinition,
  ) {
    this.carried = carriedFlowIn(run.input.carried?.flow);
    this.inbox = new FlowInbox(run.stream, this.carried);
    this.own = new OwnCommands(run, this.carried);
  }

  /** Takes the state that was loaded, at the start or after a reset. */
  noteLoaded(isReset: boolean): void {
    this.state = this.run.fold.forActivity().state as unknown as FlowState;
    if (isReset) this.own.noteReset();
  }

  /** Adds what only the workflow knows to the commands of a drain. */
  withFacts(request: DecideRequest): DecideRequest {
    const host = { execution: this.own.execution, ...this.inbox.read };
    if (!this.round) this.own.followTraceOf(request.batch);
    return { ...request, batch: withHost(request.batch, host, this.round) };
  }

  /** Takes the events of a drain. */
  takeResult({ fold }: DecideRequest, result: DecideResult): void {
    const events = result.fold ? [] : (result.events as readonly FlowEvent[]);
    if (result.at !== undefined) clock.note(toMilliseconds(result.at));
    if (result.fold) this.state = result.fold.state as unknown as FlowState;
    events.forEach((event, index) => this.see(event, fold.revision + 1 + index));
  }

  get hasWork(): boolean {
    if (this.defect !== undefined || this.hasGap || this.isLost || this.mayBegin || this.isCancelAsked)
      return true;
    if (this.isClosed) return this.isQuiet;
    const { round, end } = this;
    if (!round || this.own.arePending) return false;
    if (end?.status === 'next') return !this.wantsNewRun || this.mayContinueAsNew;
    if (end) return !this.isEndTold;
    return this.isTooLong || this.milestones.hasDue(round);
  }

  /** Throws the error of a function that has a defect, so that Temporal runs its task again. */
  check(): void {
    if (this.defect !== undefined) throw this.defect;
  }

  /** Starts or cancels the function, and sends the milestones that are due. */
  advance(): void {
    if (this.isLost) this.own.send('MarkLost', {});
    if (this.mayBegin) this.begin();
    if (this.isCancelAsked) this.scope.cancel(this.state.cancelReason ?? 'the flow was cancelled');
    if (this.isTooLong) this.scope.cancel(TOO_LONG.code);
    const { round, end } = this;
    if (!round || this.isClosed || this.own.arePending) return;
    if (end?.status === 'next') return this.wantsNewRun ? undefined : this.begin(end);
    for (const { type, data } of this.milestones.due(round, end !== undefined)) this.own.send(type, data);
    if (end && !this.isEndTold) this.tell(end);
  }

  /** Whether messages in the stream are missing in the inbox of a function that could take them. */
  get hasGap(): boolean {
    return this.isOurs && this.inbox.isBehind(this.run.fold.revision);
  }

  /** Whether the function has ended, or never began. */
  get isClosed(): boolean {
    return !isOpenFlow(this.state);
  }

  /** Whether nobody waits for anything from this run. */
  get isQuiet(): boolean {
    const { mailbox, outbox, senders } = this.run;
    return mailbox.size === 0 && outbox.isEmpty && !senders.areOwed && allHandlersFinished();
  }

  /** Between two rounds, once the history is long. */
  get mayContinueAsNew(): boolean {
    const isBetween = this.isOurs && this.end?.status === 'next' && !this.own.arePending && this.wantsNewRun;
    return isBetween && this.run.mailbox.isSmallEnoughToCarry && allHandlersFinished();
  }

  carry(): JsonObject {
    const { state } = this.end as NextRound;
    return { epoch: this.carried.epoch + 1, state, ...this.own.carry(), ...this.inbox.carry() };
  }

  private get isOurs(): boolean {
    return isOpenFlow(this.state) && this.state.execution === this.own.execution;
  }

  /** Another execution ran the function, and it is gone. */
  private get isLost(): boolean {
    return isOpenFlow(this.state) && !this.isOurs && !this.own.arePending;
  }

  private get mayBegin(): boolean {
    return this.isOurs && !this.round && !this.hasGap;
  }

  private get isCancelAsked(): boolean {
    return this.state.status === 'cancelling' && this.round !== undefined && !this.scope.isCancelled;
  }

  private get isTooLong(): boolean {
    return this.round !== undefined && !this.scope.isCancelled && isRunTooLong();
  }

  private get wantsNewRun(): boolean {
    return isRunLong() && this.inbox.isSmall;
  }

  private see(event: FlowEvent, revision: number): void {
    this.state = evolveFlow(this.state, event);
    this.inbox.see(event, revision);
    if (event.type === 'CompensationResolved') this.resolved.add(event.data.name);
  }

  /** Starts the function: for the first time, or for its next round. */
  private begin(last?: NextRound): void {
    const { carried, run, state } = this;
    const { main, calls } = this.definition;
    if (last) carried.epoch += 1;
    // The children of earlier rounds have ended, or were left.
    if (carried.epoch > 0) this.inbox.messages.forgetChildren();
    const scope = (this.scope = new Scope());
    this.end = undefined;
    const start = {
      stream: run.stream,
      id: parseStreamName(run.stream)?.id ?? run.stream,
      seed: state.seed ?? '',
      startedAt: state.startedAt ?? currentTime(),
      epoch: carried.epoch,
      state: last ? last.state : carried.state,
      timers: state.timers,
    };
    const round = (this.round = new FlowRound(this.host(), this.inbox.messages, start, calls));
    const play = (input: JsonObject) =>
      runRound(round, scope, main, input, (...of) => this.awaitStuck(...of));
    playWith(run.stream, state.input ?? {}, play).then(
      (end) => (this.end = end),
      (error: Error) => (this.defect = error),
    );
  }

  private host() {
    const { run, inbox, own } = this;
    return temporalHost({
      stream: run.stream,
      trace: own.trace,
      waitingCommands: () => run.mailbox.waitingIds(),
      areSettled: (ids) => !ids.some((id) => own.isPending(id)) && !inbox.isBehind(run.fold.revision),
    });
  }

  private async awaitStuck(name: string, { code, detail }: FlowError): Promise<StuckAnswer> {
    const id = this.own.send('RecordStuckCompensation', { name, code, detail });
    const isDealtWith = () => this.isOurs && !this.state.stuck.some((one) => one.name === name);
    await turns.until(() => !this.own.isPending(id) && isDealtWith());
    return this.resolved.delete(name) ? 'resolved' : 'retry';
  }

  /** Sends the last milestone: how the function ended. */
  private tell(end: Exclude<RoundEnd, NextRound>): void {
    const last = { unread: this.inbox.unread, seen: this.state.received };
    const id = this.sendEnd(end, last);
    this.isEndTold = true;
    void turns
      .until(() => !this.own.isPending(id))
      .then(() => {
        const outcome = this.run.mailbox.outcomeOf(id);
        if (!this.isOurs || !outcome || outcome.status === 'accepted') return;
        const { code, detail } = outcome;
        if (end.status !== 'completed') {
          this.defect = new Error(`the flow cannot end: ${code}: ${detail}`);
          return;
        }
        // The result is too large, or not what the contract says.
        this.end = { status: 'failed', code, detail };
        this.isEndTold = false;
      });
  }

  private sendEnd(end: Exclude<RoundEnd, NextRound>, last: JsonObject): string {
    if (end.status === 'completed') return this.own.send('Complete', { result: end.result, ...last });
    if (end.status === 'cancelled' && this.state.status === 'cancelling') {
      return this.own.send('ConfirmCancelled', last);
    }
    const { code, detail } = end.status === 'failed' ? end : TOO_LONG;
    return this.own.send('Fail', { code, detail, ...last });
  }
}

import { workflowInfo } from '@temporalio/workflow';
import { onBehalfOfCause } from '#libs/core/acting.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { JsonObject } from '#libs/core/json.js';
import { currentTime } from '#libs/entity/workflow/alarm.js';
import type { EntityRun } from '#libs/entity/workflow/entity-run.js';
import type { Trace } from '#libs/flow/protocol/flow-activities.js';
import { ownCommandId } from '#libs/flow/protocol/own-command-id.js';
import type { CarriedFlow } from './carried-flow.js';

const BEGINNINGS: readonly string[] = ['Start', 'StartChild', 'StartFor', 'Restart'];

/** The commands of a flow to itself, by which its milestones become events. */
export class OwnCommands {
  /** First run of the workflow; it stays the same across resets and continuing as new. */
  readonly execution = workflowInfo().firstExecutionRunId;
  trace: Trace;
  private pending: string[] = [];

  constructor(
    private readonly run: EntityRun,
    private readonly carried: CarriedFlow,
  ) {
    this.trace = carried.trace ?? { correlationId: this.execution };
  }

  /** Whether one is not decided yet. */
  get arePending(): boolean {
    return this.pending.some((id) => this.isPending(id));
  }

  isPending(commandId: string): boolean {
    return this.run.mailbox.receiptOf(commandId).status === 'pending';
  }

  /**
   * From now on, everything belongs to the trace of the command that starts the function, and is
   * done on behalf of its sender.
   */
  followTraceOf(batch: readonly CommandEnvelope[]): void {
    for (const envelope of batch.filter(({ type }) => BEGINNINGS.includes(type))) {
      const { correlationId, traceparent } = envelope;
      const cause = onBehalfOfCause(this.run.stream, envelope);
      this.trace = { correlationId, ...cause, ...(traceparent !== undefined && { traceparent }) };
    }
  }

  /** Puts a command into the inbox of the entity. Its id is the same in every replay. */
  send(type: string, data: JsonObject): string {
    const { carried, run, trace } = this;
    carried.sent += 1;
    const life = carried.resetIn ?? this.execution;
    const place = `${run.stream}/${life}.${carried.sent}`;
    const commandId = run.idsHoldContent ? ownCommandId(place, { type, data }) : place;
    const ids = { commandId, causationId: commandId, ...trace };
    run.admit({ type, data, actor: run.stream, sentAt: currentTime(), ...ids });
    this.pending = [...this.pending.filter((id) => this.isPending(id)), commandId];
    return commandId;
  }

  /**
   * Notes that the workflow was reset. What comes now has other ids than what the reset dropped,
   * also if the same run is reset again. The run is the one that the load has recorded.
   */
  noteReset(): void {
    this.carried.resetIn = this.run.resets.request().loadedIn ?? this.execution;
  }

  carry(): JsonObject {
    const { sent, resetIn } = this.carried;
    return { sent, ...(resetIn !== undefined && { resetIn }), trace: this.trace };
  }
}

import { randomUUID } from 'node:crypto';
import { Worker } from '@temporalio/worker';
import type { FlowContract } from '#contracts/flow/flow.contract.js';
import type { DomainEvent } from '#libs/core/decider.js';
import { streamName } from '#libs/core/entity-id.js';
import type { JsonObject } from '#libs/core/json.js';
import type { FlowEvent } from '#libs/core/flow/flow.messages.js';
import { flowFolding } from '#libs/core/flow/flow.decider.js';
import type { FlowState } from '#libs/core/flow/flow.state.js';
import { envelopeOf } from './command-envelope.builder.js';
import { historyOf } from './history.js';
import { outcomeIn } from './outcome-in.js';
import { quietHistory } from './quiet-workflow.js';
import type { TimeSkippingServer } from './time-skipping-server.js';

const PATIENCE_MILLISECONDS = 20_000;
/** Of one test. */
const MOST_EVENTS = 10_000;

/** A flow of a test on a time-skipping server. After each step, it is at rest. */
export class FlowOnServer {
  private readonly stream: string;
  private sent = 0;
  /** Where the events of this test begin. */
  private position: string | undefined;

  constructor(
    private readonly server: TimeSkippingServer,
    private readonly contract: FlowContract,
    /** If given: after each step, all workers end, and histories are replayed with this bundle. */
    private readonly replayWith: string | undefined,
  ) {
    this.stream = streamName(contract.name, randomUUID());
  }

  async write(histories: Readonly<Record<string, readonly DomainEvent[]>>): Promise<void> {
    const { store } = this.server;
    this.position = await store.lastPosition();
    const at = await this.server.moment();
    for (const [stream, events] of Object.entries(histories)) {
      await store.append(stream, -1, historyOf(stream, events, at));
    }
  }

  /** Sends a command, and throws if it is rejected. */
  async send(type: string, data: object): Promise<void> {
    const at = await this.server.moment();
    const parsed = this.contract.commands[type]?.schema.parse(data) as JsonObject;
    const envelope = envelopeOf({ type, data: parsed, at }, `${this.stream} ${(this.sent += 1)}`);
    const outcome = outcomeIn(
      await this.server.gateway.execute(this.stream, [envelope], PATIENCE_MILLISECONDS),
    );
    if (outcome.status !== 'accepted') throw new Error(`${type} is rejected: ${outcome.code}`);
    await this.rest();
  }

  async skip(milliseconds: number): Promise<void> {
    await this.server.skip(milliseconds);
    await this.rest();
  }

  get events(): readonly DomainEvent[] {
    return this.server.store.eventsOf(this.stream);
  }

  get state(): FlowState {
    const { evolve, initialState } = flowFolding({ category: this.contract.name });
    return (this.events as readonly unknown[] as readonly FlowEvent[]).reduce(evolve, initialState);
  }

  private async rest(): Promise<void> {
    const histories = await this.quietHistories();
    if (this.replayWith === undefined) return;
    await this.server.stopWorker();
    await this.server.startWorker();
    const workflowBundle = { codePath: this.replayWith };
    for (const { workflowId, history } of histories) {
      await Worker.runReplayHistory({ workflowBundle }, history, workflowId);
    }
  }

  /** Waits for all workflows that the test has to do with, until none does anything. */
  private async quietHistories() {
    const { store, client } = this.server;
    for (;;) {
      const before = await store.lastPosition();
      const after = this.position === undefined ? {} : { after: this.position };
      const { events } = await store.readAll({ streamPrefix: '', limit: MOST_EVENTS, ...after });
      const streams = [...new Set([this.stream, ...events.map(({ stream }) => stream)])];
      const histories = [];
      for (const workflowId of streams) {
        const history = await quietHistory(client.workflow.getHandle(workflowId));
        if (history) histories.push({ workflowId, history });
      }
      if (before === (await store.lastPosition())) return histories;
    }
  }
}

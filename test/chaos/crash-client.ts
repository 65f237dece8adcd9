import type { Client } from '@temporalio/client';
import { taskQueueOf } from '#contracts/services.js';
import { canonicalJson } from '#libs/core/canonical-json.js';
import type { Json } from '#libs/core/json.js';
import { type EntityGateway, onlyReceipt, type Receipt } from '#libs/entity/gateway/entity-gateway.js';
import { type EntityInput, STATE_QUERY } from '#libs/entity/protocol/entity-messages.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { historyOf } from '#libs/testing/history.js';
import { eventually } from '../support/account-rest.js';
import { answered } from './answered.js';
import { type Case, envelopeFor } from './crash-case.js';

const WAIT_MILLISECONDS = 20_000;
const PATIENCE_MILLISECONDS = 120_000;

interface CrashClientParts {
  readonly client: Client;
  readonly store: EventStore;
  readonly gateway: EntityGateway;
}

/** Sends the commands of cases, and records the answers. */
export class CrashClient {
  /** The first outcome of each case, by stream. */
  readonly receipts = new Map<string, Receipt>();
  /** Later answers that contradict the first. */
  readonly contradictions: string[] = [];

  constructor(private readonly parts: CrashClientParts) {}

  /** Writes the history, and starts the entity, so that only the command is left to be done. */
  async prepare(one: Case): Promise<void> {
    const { stream, scenario, planned } = one;
    const { category, given } = scenario;
    const { store, client } = this.parts;
    // A repeated append is answered as the first was.
    if (given.length > 0) await untilDone(() => store.append(stream, -1, historyOf(stream, given)));
    // A fault at continue-as-new must be reachable after every message.
    const input: EntityInput = { stream, ...(planned.step === 'continued' && { messagesPerRun: 1 }) };
    await untilDone(() =>
      client.workflow.start(category, {
        workflowId: stream,
        workflowIdConflictPolicy: 'USE_EXISTING',
        taskQueue: taskQueueOf(category),
        args: [input],
        workflowTaskTimeout: '3s',
      }),
    );
    // It answers once it is loaded.
    await untilDone(() => client.workflow.getHandle(stream).query(STATE_QUERY));
  }

  /** Sends through the gateway without waiting, by signal. */
  async signal(one: Case): Promise<void> {
    await this.parts.gateway.send(one.stream, [envelopeFor(one)]).catch(() => undefined);
  }

  /** Sends repeatedly until there is an outcome, as a careful client does. */
  async insist(one: Case): Promise<void> {
    const { stream } = one;
    const send = async () => ({ stream, receipt: await this.execute(one) });
    const isSettled = ({ receipt }: { receipt: Receipt | undefined }): boolean =>
      receipt !== undefined && receipt.status !== 'pending';
    const { receipt } = await eventually(send, isSettled, PATIENCE_MILLISECONDS);
    if (receipt) this.note(stream, receipt);
  }

  private execute(one: Case): Promise<Receipt | undefined> {
    const executed = this.parts.gateway.execute(one.stream, [envelopeFor(one)], WAIT_MILLISECONDS);
    return executed.then(onlyReceipt).catch(() => undefined);
  }

  private note(stream: string, receipt: Receipt): void {
    const first = this.receipts.get(stream);
    if (!first) this.receipts.set(stream, receipt);
    else if (told(first) !== told(receipt)) {
      this.contradictions.push(`${stream} was answered ${told(first)}, then ${told(receipt)}`);
    }
  }
}

function untilDone(act: () => Promise<unknown>): Promise<unknown> {
  return answered(act, PATIENCE_MILLISECONDS);
}

/** Ignores only whether the outcome is a repeated one, and the order of its fields. */
function told(receipt: Receipt): string {
  return canonicalJson({ ...receipt, replayed: undefined } as unknown as Json);
}

import { setTimeout as pause } from 'node:timers/promises';
import type { CommandEnvelope } from '#libs/decider/envelope.js';
import { type EntityGateway, type Receipt } from './entity-gateway.js';
import { settledWithin } from './settled-within.js';
import type { TemporalEntityMessages } from './temporal-entity-messages.js';

const POLL_MILLISECONDS = 200;

/** A message to an entity holds at most so much. */
const MESSAGE_LIMITS = { commands: 100, bytes: 256 * 1024 };

/**
 * The door for whoever has many commands for one entity and minds their order: several go in one message, all or none.
 *
 * Both throw `EngineUnavailableError` and `EntityBusyError` as the gateway does; the same commands may be handed over again.
 */
export interface CommandDoor {
  /** When this resolves all are durable and will be decided in this order. */
  send(stream: string, envelopes: readonly CommandEnvelope[]): Promise<void>;
  /** The same, and waits for their outcomes; `pending` receipts for those that take longer. */
  execute(
    stream: string,
    envelopes: readonly CommandEnvelope[],
    waitMilliseconds: number,
  ): Promise<readonly Receipt[]>;
}

/** How many of these commands, from the first on, one message takes: at least one. */
export function firstMessage(envelopes: readonly CommandEnvelope[]): number {
  let bytes = 0;
  let count = 0;
  for (const envelope of envelopes.slice(0, MESSAGE_LIMITS.commands)) {
    bytes += Buffer.byteLength(JSON.stringify(envelope));
    if (count > 0 && bytes > MESSAGE_LIMITS.bytes) break;
    count += 1;
  }
  return count;
}

/** The door over Temporal. */
export function createCommandDoor(
  messages: TemporalEntityMessages,
  gateway: Pick<EntityGateway, 'receipt'>,
): CommandDoor {
  return new TemporalCommandDoor(messages, gateway);
}

class TemporalCommandDoor implements CommandDoor {
  constructor(
    private readonly messages: TemporalEntityMessages,
    private readonly gateway: Pick<EntityGateway, 'receipt'>,
  ) {}

  send(stream: string, envelopes: readonly CommandEnvelope[]): Promise<void> {
    return this.messages.signal(stream, envelopes);
  }

  async execute(
    stream: string,
    envelopes: readonly CommandEnvelope[],
    waitMilliseconds: number,
  ): Promise<readonly Receipt[]> {
    const deadline = Date.now() + waitMilliseconds;
    const settled = await settledWithin(this.messages.update(stream, envelopes), waitMilliseconds);
    if (settled) return settled;
    // An update that was admitted but not accepted is not persisted: only the signal makes the commands durable.
    await this.send(stream, envelopes);
    return this.poll(stream, envelopes, deadline);
  }

  /** They are decided in order: as long as one is on its way, so are those after it. */
  private async poll(
    stream: string,
    envelopes: readonly CommandEnvelope[],
    deadline: number,
  ): Promise<readonly Receipt[]> {
    const receipts: Receipt[] = [];
    for (const { commandId } of envelopes) {
      let receipt = await this.ask(stream, commandId, deadline);
      while (receipt.status === 'pending' && Date.now() + POLL_MILLISECONDS < deadline) {
        await pause(POLL_MILLISECONDS);
        receipt = await this.ask(stream, commandId, deadline);
      }
      receipts.push(receipt);
    }
    return receipts;
  }

  private async ask(stream: string, commandId: string, deadline: number): Promise<Receipt> {
    const pending: Receipt = { status: 'pending', commandId };
    if (Date.now() >= deadline) return pending;
    return (await this.gateway.receipt(stream, commandId).catch(() => pending)) ?? pending;
  }
}

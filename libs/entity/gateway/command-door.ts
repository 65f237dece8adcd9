import type { CommandEnvelope } from '#libs/core/envelope.js';
import { type EntityGateway, type Receipt } from './entity-gateway.js';
import { handOver } from './hand-over.js';
import { MESSAGE_LIMITS, type TemporalEntityMessages } from './temporal-entity-messages.js';

/**
 * The door for whoever has many commands for one entity and minds their order: several go in one message, all or none.
 *
 * Both throw `EngineUnavailableError`, `EntityBusyError` and `OutcomeUnknownError` as the gateway does; the same commands may be handed over
 * again.
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
  for (const envelope of envelopes.slice(0, MESSAGE_LIMITS.items)) {
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

  execute(
    stream: string,
    envelopes: readonly CommandEnvelope[],
    waitMilliseconds: number,
  ): Promise<readonly Receipt[]> {
    let isAccepted = false;
    const accept = (): void => void (isAccepted = true);
    const settled = this.messages.update(stream, envelopes, accept);
    return handOver(
      {
        commandIds: envelopes.map(({ commandId }) => commandId),
        update: { settled, withdraw: () => false, isAccepted: () => isAccepted },
        signal: () => this.send(stream, envelopes),
        receiptOf: (commandId) => this.gateway.receipt(stream, commandId),
      },
      waitMilliseconds,
    );
  }
}

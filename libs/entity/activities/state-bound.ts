import type { AnyDecider } from '#libs/core/decider.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { jsonBytes } from '#libs/core/json-bytes.js';
import type { JsonObject } from '#libs/core/json.js';
import type { PendingEffect } from '#libs/entity/protocol/entity-messages.js';

/**
 * The limit in bytes for the state of an entity and its pending effects together. With the ring
 * (`MAX_RING_BYTES`) and the inbox (`MAX_INBOX_BYTES`), they stay 200 KB below Temporal's 2 MiB per
 * payload. That leaves room for commands that end something.
 */
export const MAX_STATE_BYTES = 1_200_000;

/** What the limit applies to. */
export interface Carried {
  readonly state: JsonObject;
  readonly effects: readonly PendingEffect[];
}

/** Keeps what an entity carries from run to run within its limit. */
export class StateBound {
  constructor(
    private readonly decider: AnyDecider,
    private readonly stream: string,
    /** The size of effects that were pending before. */
    private readonly effectBytes: number,
  ) {}

  holds(carried: Carried): boolean {
    return this.sizeOf(carried) <= MAX_STATE_BYTES;
  }

  /**
   * Whether a command is rejected because of what it would add. Never a command that adds nothing,
   * that the entity sends itself, or that the decider does not list as growing.
   */
  refuses(envelope: CommandEnvelope, before: Carried, after: Carried): boolean {
    const { growing } = this.decider;
    const isOwn = envelope.commandId.startsWith(`${this.stream}@`);
    if (isOwn || (growing && !growing.includes(envelope.type))) return false;
    const size = this.sizeOf(after);
    return size > MAX_STATE_BYTES && size > this.sizeOf(before);
  }

  private sizeOf({ state, effects }: Carried): number {
    return this.effectBytes + jsonBytes(state) + (effects.length > 0 ? jsonBytes(effects) : 0);
  }
}

import type { AnyDecider } from '#libs/core/decider.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { jsonBytes } from '#libs/core/json-bytes.js';
import type { JsonObject } from '#libs/core/json.js';
import type { PendingEffect } from '#libs/entity/protocol/entity-messages.js';

/**
 * Bytes that the state of an entity and its pending effects may take together. With the ring (`MAX_RING_BYTES`) and the inbox
 * (`MAX_INBOX_BYTES`) they stay 200 KB below the 2 MiB that Temporal allows a payload: room for commands that end something.
 */
export const MAX_STATE_BYTES = 1_200_000;

/** What the bound is measured on. */
export interface Carried {
  readonly state: JsonObject;
  readonly effects: readonly PendingEffect[];
}

/** Keeps what an entity carries from run to run within its bound. */
export class StateBound {
  constructor(
    private readonly decider: AnyDecider,
    private readonly stream: string,
    /** Of effects that were pending before. */
    private readonly effectBytes: number,
  ) {}

  holds(carried: Carried): boolean {
    return this.sizeOf(carried) <= MAX_STATE_BYTES;
  }

  /**
   * Whether a command is refused because of what it would add. Never one that leaves no more behind than there was, that the
   * entity tells itself, or that the decider does not name among those that add.
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

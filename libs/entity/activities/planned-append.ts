import type { AnyDecider, DomainEvent } from '#libs/core/decider.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { JsonObject } from '#libs/core/json.js';
import type { Timestamp } from '#libs/core/timestamp.js';
import type { Fold, PendingEffect } from '#libs/entity/protocol/entity-messages.js';
import type { EventToAppend } from '#libs/event-store/event-store.js';
import { eventToAppend } from './event-to-append.js';
import { withHashes } from './hash-chain.js';
import { AskedEffects } from './pending-effects.js';

/** Half of what the store takes in one append, which leaves room for ids, names and framing. */
const MAX_APPEND_BYTES = 512 * 1024;

/** The events of one command, and what the entity would be after them. */
export interface Continuation {
  readonly events: readonly EventToAppend[];
  readonly fold: Fold;
  readonly asked: AskedEffects;
  /** All effects of the append, including those of earlier commands. */
  readonly effects: readonly PendingEffect[];
}

/**
 * Collects the events of one append, command by command, with the state, effects and names that
 * follow from them.
 */
export class PlannedAppend {
  readonly events: EventToAppend[] = [];
  /** Names that these events use up. */
  readonly newNames = new Set<string>();
  private readonly asked: AskedEffects;
  private bytes = 0;

  constructor(
    private readonly decider: AnyDecider,
    private readonly stream: string,
    /** The fold once the events are written. */
    public fold: Fold,
  ) {
    this.asked = new AskedEffects(decider, stream);
  }

  get effects(): readonly PendingEffect[] {
    return this.asked.effects;
  }

  /** Keys of earlier effects that the events withdraw. */
  get withdrawn(): readonly string[] {
    return [...this.asked.withdrawn];
  }

  get isFull(): boolean {
    return this.bytes >= MAX_APPEND_BYTES;
  }

  /**
   * Computes what follows from the events of a command, without adding them. Throws what `evolve`
   * throws.
   */
  continuedBy(envelope: CommandEnvelope, decided: readonly DomainEvent[], at: Timestamp): Continuation {
    const { decider, stream } = this;
    const made = decided.map((event, index) =>
      eventToAppend(decider, stream, envelope, event, { index, count: decided.length, at }),
    );
    const events = withHashes(stream, this.fold, made);
    const asked = new AskedEffects(decider, stream);
    let { state, revision } = this.fold;
    for (const event of events) {
      state = decider.evolve(state, { type: event.type, data: event.data }) as JsonObject;
      revision += 1;
      asked.see({ ...event, revision }, state);
    }
    const hash = events.at(-1)?.metadata.hash;
    const { stateVersion } = decider;
    const fold = { revision, stateVersion, state, at, ...(hash !== undefined && { hash }) };
    return { events, fold, asked, effects: [...this.effects, ...asked.effects] };
  }

  /** Adds the events of a command. */
  add({ events, fold, asked }: Continuation): void {
    const names = events.flatMap(({ type, data }) => this.decider.names?.({ type, data }) ?? []);
    for (const name of names) this.newNames.add(name);
    this.fold = fold;
    this.events.push(...events);
    this.asked.followWith(asked);
    this.bytes += events.reduce((sum, event) => sum + Buffer.byteLength(JSON.stringify(event)), 0);
  }
}

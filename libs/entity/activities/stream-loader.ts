import type { AnyDecider } from '#libs/core/decider.js';
import type { JsonObject } from '#libs/core/json.js';
import type { Fold, PendingEffect, Ring } from '#libs/entity/protocol/entity-messages.js';
import { Mailbox } from '#libs/entity/protocol/mailbox.js';
import type { RecordedEvent } from '#libs/event-store/event-store.js';
import { isUsable } from './fold-stream.js';
import { effectsOf, replyIdOf, withdrawnBy } from './pending-effects.js';
import { SettledCommands } from './settled-commands.js';

/**
 * Events after which the settled commands are put into the ring, so that a long stream does not
 * fill the memory.
 */
const EVENTS_PER_RING = 10_000;

/** What is known of an entity at some revision of its stream. */
export interface LoadPoint {
  readonly fold: Fold;
  readonly ring: Ring;
  readonly effects: readonly PendingEffect[];
  /**
   * Ring and effects include the events up to this revision, which may be higher than that of the
   * fold.
   */
  readonly toldUpTo: number;
}

/** The point that an earlier attempt reached, if loading can resume from there. */
export function loadPointIn(decider: AnyDecider, noted: unknown): LoadPoint | undefined {
  const point = noted as Partial<LoadPoint> | undefined;
  const isWhole = point?.fold !== undefined && typeof point.toldUpTo === 'number';
  return isWhole && isUsable(decider, point.fold) ? (point as LoadPoint) : undefined;
}

/**
 * Collects, event by event, what an entity needs besides its state: the ring and the pending
 * effects.
 */
export class StreamLoader {
  private settled = new SettledCommands();
  private seen = 0;
  private ring: Ring;
  /** Effects without a reply, by the id of the reply. Running one again under its id is safe. */
  private readonly effects = new Map<string, PendingEffect>();

  constructor(
    private readonly decider: AnyDecider,
    private readonly stream: string,
    private readonly start: LoadPoint,
  ) {
    this.ring = start.ring;
    this.await(start.effects);
  }

  see(event: RecordedEvent, state: JsonObject): void {
    if (event.revision <= this.start.toldUpTo) return;
    this.settled.see(event);
    this.effects.delete(event.metadata.commandId);
    this.withdraw(withdrawnBy(this.decider, event, state));
    this.await(effectsOf(this.decider, this.stream, event, state));
    this.seen += 1;
    if (this.seen >= EVENTS_PER_RING && isLastOfCommand(event)) this.fillRing();
  }

  /**
   * What is known after the events up to a fold, whose last event has to be the last one of its
   * command.
   */
  at(fold: Fold): LoadPoint {
    this.fillRing();
    const effects = [...this.effects.values()];
    return { fold, ring: this.ring, effects, toldUpTo: Math.max(fold.revision, this.start.toldUpTo) };
  }

  private await(effects: readonly PendingEffect[]): void {
    for (const effect of effects) this.effects.set(replyIdOf(effect.id), effect);
  }

  private withdraw(keys: readonly string[]): void {
    if (keys.length === 0) return;
    for (const [reply, { key }] of this.effects) if (keys.includes(key)) this.effects.delete(reply);
  }

  /** Adds the outcomes of the events to the ring, after those in it. */
  private fillRing(): void {
    const mailbox = new Mailbox(this.ring);
    mailbox.recall(this.settled.toRing(), () => {
      throw new TypeError('nothing waits here');
    });
    this.ring = mailbox.carry().ring;
    this.settled = new SettledCommands();
    this.seen = 0;
  }
}

/** Whether no more events of the same command follow. */
export function isLastOfCommand({ metadata: { index, count } }: RecordedEvent): boolean {
  return index === count - 1;
}

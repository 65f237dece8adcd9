import type { AnyDecider } from '#libs/core/decider.js';
import type { JsonObject } from '#libs/core/json.js';
import type { Fold, PendingEffect, Ring } from '#libs/entity/protocol/entity-messages.js';
import { Mailbox } from '#libs/entity/protocol/mailbox.js';
import type { RecordedEvent } from '#libs/event-store/event-store.js';
import { isUsable } from './fold-stream.js';
import { effectsOf, replyIdOf, withdrawnBy } from './pending-effects.js';
import { SettledCommands } from './settled-commands.js';

/** Events after which what they settled is put into the ring: a long stream does not fill the memory. */
const EVENTS_PER_RING = 10_000;

/** What is known of an entity at a point of its stream. */
export interface Beginning {
  readonly fold: Fold;
  readonly ring: Ring;
  readonly effects: readonly PendingEffect[];
  /** Ring and effects tell of the events up to this revision, which may be beyond that of the fold. */
  readonly toldUpTo: number;
}

/** Where an earlier attempt has come to, if today's rules can go on from there. */
export function beginningIn(decider: AnyDecider, noted: unknown): Beginning | undefined {
  const beginning = noted as Partial<Beginning> | undefined;
  const isWhole = beginning?.fold !== undefined && typeof beginning.toldUpTo === 'number';
  return isWhole && isUsable(decider, beginning.fold) ? (beginning as Beginning) : undefined;
}

/** Gathers, event by event, what an entity that is born again has to know beside its state. */
export class Rebirth {
  private settled = new SettledCommands();
  private seen = 0;
  private ring: Ring;
  /** Of effects that nobody answered, by the command that would tell. To do one again under its id is safe. */
  private readonly effects = new Map<string, PendingEffect>();

  constructor(
    private readonly decider: AnyDecider,
    private readonly stream: string,
    private readonly start: Beginning,
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

  /** All that is known once the events up to that of a fold were seen: it has to be the last one of its command. */
  at(fold: Fold): Beginning {
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

  /** As if the outcomes of the events had come after those in it. */
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

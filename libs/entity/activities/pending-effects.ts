import { type Acting, onBehalfOfCause } from '#libs/core/acting.js';
import type { AnyDecider, DomainEvent } from '#libs/core/decider.js';
import type { Effect } from '#libs/core/effect.js';
import { parseStreamName } from '#libs/core/entity-id.js';
import type { JsonObject } from '#libs/core/json.js';
import type { PendingEffect } from '#libs/entity/protocol/entity-messages.js';
import type { EventMetadata } from '#libs/event-store/event-store.js';

/** An event with its position, as far as effects need it. */
export interface PlacedEvent extends DomainEvent {
  readonly id: string;
  readonly revision: number;
  readonly metadata: Pick<EventMetadata, keyof Acting | '$correlationId' | 'traceparent'>;
}

/** The effects of an event, given the state after it. */
export function effectsOf(
  decider: AnyDecider,
  stream: string,
  event: PlacedEvent,
  state: JsonObject,
): readonly PendingEffect[] {
  const { $correlationId: correlationId, traceparent } = event.metadata;
  if (!decider.react) return [];
  const entityId = parseStreamName(stream)?.id ?? stream;
  const effects: readonly Effect[] = decider.react({ type: event.type, data: event.data }, state, entityId);
  return effects.map((effect) => ({
    ...effect,
    id: `${stream}@${event.revision}/${effect.key}`,
    correlationId,
    causationId: event.id,
    ...onBehalfOfCause(stream, event.metadata),
    ...(traceparent !== undefined && { traceparent }),
  }));
}

/**
 * Collects the effects of a series of events that they do not withdraw again, and the earlier
 * effects that they withdraw.
 */
export class AskedEffects {
  effects: PendingEffect[] = [];
  /** Keys of effects. */
  readonly withdrawn = new Set<string>();

  constructor(
    private readonly decider: AnyDecider,
    private readonly stream: string,
  ) {}

  see(event: PlacedEvent, state: JsonObject): void {
    this.withdraw(withdrawnBy(this.decider, event, state));
    this.effects.push(...effectsOf(this.decider, this.stream, event, state));
  }

  /** Adds what the next events of the same stream request. */
  followWith({ effects, withdrawn }: Pick<AskedEffects, 'effects' | 'withdrawn'>): void {
    this.withdraw([...withdrawn]);
    this.effects.push(...effects);
  }

  private withdraw(keys: readonly string[]): void {
    if (keys.length === 0) return;
    for (const key of keys) this.withdrawn.add(key);
    this.effects = this.effects.filter(({ key }) => !keys.includes(key));
  }
}

/** The keys of effects that an event withdraws, given the state after it. */
export function withdrawnBy(
  decider: AnyDecider,
  { type, data }: DomainEvent,
  state: JsonObject,
): readonly string[] {
  return decider.withdraws?.({ type, data }, state) ?? [];
}

/**
 * The command id of the reply to an effect. It is derived from the effect, so an outcome is
 * reported once.
 */
export function replyIdOf(effectId: string): string {
  return `${effectId}/reply`;
}

/** Whether a reply is that of an effect with this key. No key contains a slash. */
export function isReplyTo(key: string, replyId: string): boolean {
  return replyId.endsWith(replyIdOf(`/${key}`));
}

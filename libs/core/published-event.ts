import type { DomainEvent } from './decider.js';
import type { Timestamp } from './timestamp.js';

/** What stands beside the type and data of an event on its topic, and wherever events are read from it. */
export interface PublishedMetadata {
  /** Unique for ever; the same event read from the store has the same id. */
  readonly id: string;
  /** Stream name = Kafka key = workflow id. */
  readonly stream: string;
  readonly category: string;
  readonly tenant: string;
  readonly entityId: string;
  /** Place in its stream, from 0 and without gaps. */
  readonly revision: number;
  /** Place among all events of the store: a decimal that only ever rises. */
  readonly position: string;
  /** Rule time. */
  readonly at: Timestamp;
  readonly schemaVersion: number;
  /** Of the stream up to this event; events from before there were hashes have none. */
  readonly hash?: string;
  readonly actor: string;
  readonly commandId: string;
  readonly keyId?: string;
  /** Which of how many events of its command. */
  readonly index: number;
  readonly count: number;
  readonly correlationId: string;
  readonly causationId: string;
  readonly traceparent?: string;
  /** When the store took it. */
  readonly recordedAt?: Timestamp;
  /** Where and when it was put on its topic; absent when it was read from the store. */
  readonly published?: { readonly partition: number; readonly offset: string; readonly at: Timestamp };
}

/** An event as the world outside the entity sees it. Switching on `type` narrows `data`. */
export type PublishedEvent<E extends DomainEvent = DomainEvent> = E & PublishedMetadata;

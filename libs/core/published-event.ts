import type { Acting } from './acting.js';
import type { DomainEvent } from './decider.js';
import type { Timestamp } from './timestamp.js';

/** The metadata of an event on its topic, and of events read from there. */
export interface PublishedMetadata extends Acting {
  /** Unique for ever. The event has the same id in the store. */
  readonly id: string;
  /** Stream name = Kafka key = workflow id. */
  readonly stream: string;
  readonly category: string;
  readonly tenant: string;
  readonly entityId: string;
  /** Position in its stream, from 0 and without gaps. */
  readonly revision: number;
  /** Position among all events of the store: a decimal number that only ever rises. */
  readonly position: string;
  /** Rule time. */
  readonly at: Timestamp;
  readonly schemaVersion: number;
  /** The hash of the stream up to this event. Events older than the hash chain have none. */
  readonly hash?: string;
  readonly commandId: string;
  readonly keyId?: string;
  /** The position among the `count` events of its command, from 0. */
  readonly index: number;
  readonly count: number;
  readonly correlationId: string;
  readonly causationId: string;
  readonly traceparent?: string;
  /** When the store wrote it. */
  readonly recordedAt?: Timestamp;
  /** Where and when it was published; absent if it was read from the store. */
  readonly published?: { readonly partition: number; readonly offset: string; readonly at: Timestamp };
}

/** An event as seen outside its entity. Switching on `type` narrows `data`. */
export type PublishedEvent<E extends DomainEvent = DomainEvent> = E & PublishedMetadata;

import { z } from 'zod';
import type { Json } from '#libs/core/json.js';
import { publicState } from '#libs/core/public-state.js';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';
import type { RecordedEvent } from '#libs/event-store/event-store.js';
import { nameParts, POSITION_HEADER, positionOf } from '#libs/kafka/cloud-event.codec.js';
import type { KafkaRecord, OutgoingMessage } from '#libs/kafka/kafka.js';
import { UnreadableRecordError } from '#libs/kafka/kafka.errors.js';
import type { RelayedEntity } from './relayed-entity.js';

/** On a state record: the `stateVersion` of the decider that folded it. */
const VERSION_HEADER = 'ce_dataversion';
/** On a state record that was written while states were missing: see {@link StateEnd}. */
const FILLED_HEADER = 'ce_filledto';
const RELAYED_HEADER = 'ce_relayedto';

/**
 * The state of an entity after an event as a CloudEvent in binary mode. The value is the same as
 * the response of its route.
 */
export function toStateRecord({ present }: RelayedEntity, event: RecordedEvent, fold: Fold): OutgoingMessage {
  const { category, tenant, entityId } = nameParts(event.stream);
  return {
    key: event.stream,
    value: JSON.stringify(publicState(entityId, present, fold)),
    headers: {
      'content-type': 'application/json',
      ce_specversion: '1.0',
      ce_id: event.id,
      ce_type: `perdure.${category}.state`,
      // Differs from the source of the events, since source and id together identify a CloudEvent.
      ce_source: `/${category}/${tenant}/state`,
      ce_subject: entityId,
      ce_time: event.metadata.at,
      ce_recordedtime: event.recordedAt,
      ce_sequence: String(event.revision),
      ...(fold.hash !== undefined && { ce_hash: fold.hash }),
      ce_correlationid: event.metadata.$correlationId,
      [VERSION_HEADER]: String(fold.stateVersion),
      [POSITION_HEADER]: event.position,
    },
  };
}

const wholeNumber = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);
const stateRecord = z.object({
  key: z.string(),
  value: z.string(),
  headers: z.object({
    ce_sequence: wholeNumber,
    ce_hash: z.string().optional(),
    [VERSION_HEADER]: wholeNumber,
  }),
});

/** The content of a state record. */
export interface StatedEntity {
  readonly stream: string;
  readonly revision: number;
  readonly hash: string | undefined;
  /** Version of the state that was published. */
  readonly stateVersion: number;
  /** The value of the record. */
  readonly shown: Json;
}

/** Throws {@link UnreadableRecordError} for a record that no relay wrote. */
export function fromStateRecord(record: KafkaRecord): StatedEntity {
  try {
    const { key: stream, value, headers } = stateRecord.parse(record);
    const { ce_sequence: revision, ce_hash: hash, [VERSION_HEADER]: stateVersion } = headers;
    return { stream, revision, hash, stateVersion, shown: JSON.parse(value) as Json };
  } catch (error) {
    throw new UnreadableRecordError('it is not the state of an entity', { cause: error });
  }
}

/** How far both topics were when a state was committed, as positions. */
export interface StateEnd {
  /**
   * For every entity, the topic held its state, of this version, after its last event up to here,
   * or a later one.
   */
  readonly filled: bigint | undefined;
  /** Every event up to here was on the event topic. */
  readonly relayed: bigint | undefined;
}

/**
 * Marks the record to say that states are missing on its topic. A record without the mark says that
 * all up to its own are there.
 */
export function withStateEnd(record: OutgoingMessage, { filled, relayed }: StateEnd): OutgoingMessage {
  const end = { [FILLED_HEADER]: String(filled ?? 'none'), [RELAYED_HEADER]: String(relayed ?? 'none') };
  return { ...record, headers: { ...record.headers, ...end } };
}

/**
 * What a record says of the ends, for rules of this version, or undefined if the relay did not
 * write it.
 */
export function stateEndOf(record: KafkaRecord, stateVersion: number): StateEnd | undefined {
  const position = positionOf(record);
  if (position === undefined) return undefined;
  const { [VERSION_HEADER]: version, [FILLED_HEADER]: filled, [RELAYED_HEADER]: relayed } = record.headers;
  const isOfTheseRules = Number(version) >= stateVersion;
  return {
    filled: isOfTheseRules ? positionOr(filled, position) : undefined,
    relayed: positionOr(relayed, position) ?? position,
  };
}

function positionOr(text: string | undefined, absent: bigint): bigint | undefined {
  if (text === undefined) return absent;
  return /^\d{1,20}$/.test(text) ? BigInt(text) : undefined;
}

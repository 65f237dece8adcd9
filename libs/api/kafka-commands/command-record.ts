import { onlyForParty } from '#libs/core/party.js';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems } from '#libs/core/problems.js';
import { inWords } from '#contracts/access.js';
import type { EntityContract, PublicCommandContract } from '#contracts/entity-contract.js';
import { isEntityId, streamName } from '#libs/core/entity-id.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { JsonObject } from '#libs/core/json.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import { keyedCommandIds } from '#libs/entity/gateway/command-id.js';
import type { Caller } from '#libs/identity/caller.js';
import { extentOf } from '#libs/identity/policy.js';
import { admitFields } from '../entities/admitted-fields.js';
import { invalidId } from '../http/validate.js';
import { parseStrictJson } from '../http/strict-json.js';
import { validateBody } from '../http/validate.js';
import type { KafkaRecord, RawRecord } from '#libs/kafka/kafka.js';
import { commandRecordHeaders, replyTopicOf } from './command-headers.js';
import { headerBytes, headerOf, textOf } from './record-headers.js';

const MAX_VALUE_BYTES = 64 * 1024;
const MAX_HEADER_BYTES = 16 * 1024;
const JSON_TYPE = /^application\/json\s*(;.*)?$/i;

/** A command from Kafka, ready to be sent. */
export interface CommandRecord {
  readonly contract: EntityContract;
  readonly id: string;
  readonly stream: string;
  readonly envelope: CommandEnvelope;
  readonly creates: boolean;
  /** The producer's id of the command, or the position of its record. */
  readonly messageId: string;
  readonly replyTo: string | undefined;
}

/**
 * Decodes the command in a record and stamps it with the current time. Throws a `ProblemError` if
 * the record is not a command, or its sender may not send it.
 */
export function decodeCommand(contract: EntityContract, record: KafkaRecord, sender: Caller): CommandRecord {
  const { raw } = record;
  refuseTooLarge(raw);
  const replyTo = replyTopicOf(raw);
  const id = idOf(raw);
  const { type, messageId = placeOf(record), correlationId, ...headers } = commandRecordHeaders(raw, id);
  const command = commandOf(contract, type);
  const extent = extentOf(command.allow, sender);
  if (extent === undefined) {
    throw new ProblemError(problems.accessDenied, `this is for ${inWords(command.allow)}`);
  }
  const data = validateBody(command.schema, valueOf(raw)) as JsonObject;
  admitFields(command, data, sender);
  const stream = streamName(contract.name, id, sender.tenant);
  const scope = { tenant: sender.tenant, caller: keeperOf(sender), entity: stream, key: messageId };
  const ids = keyedCommandIds(scope, type, data);
  const { traceparent, expectedRevision } = headers;
  const envelope: CommandEnvelope = {
    ...ids,
    type,
    data,
    actor: sender.id,
    correlationId: correlationId ?? ids.commandId,
    causationId: ids.commandId,
    ...(traceparent !== undefined && { traceparent }),
    ...(expectedRevision !== undefined && { expectedRevision }),
    ...onlyForParty(extent === 'owner' ? sender : undefined),
    sentAt: toTimestamp(Date.now()),
  };
  return { contract, id, stream, envelope, creates: command.creates === true, messageId, replyTo };
}

/**
 * Whose idempotency keys these are. They are separate from those that the same caller uses in REST.
 */
function keeperOf({ id, kind }: Caller): string {
  return kind === 'anonymous' ? id : `kafka ${id}`;
}

/**
 * A name for the record. It includes the time, so that it stays unique if the topic is deleted and
 * recreated.
 */
export function placeOf({ topic, partition, offset, timestamp }: KafkaRecord): string {
  return `${topic}/${partition}/${offset}@${timestamp}`;
}

function refuseTooLarge(raw: RawRecord): void {
  if ((raw.value?.length ?? 0) > MAX_VALUE_BYTES) {
    throw new ProblemError(problems.tooLarge, 'the data of a command may have at most 64 KB');
  }
  if (headerBytes(raw) > MAX_HEADER_BYTES) {
    throw new ProblemError(problems.headersTooLarge, 'the headers may have at most 16 KB');
  }
}

function idOf({ key }: RawRecord): string {
  const id = key === null ? undefined : textOf(key);
  if (id === undefined || !isEntityId(id)) throw invalidId();
  return id;
}

function commandOf({ name, commands }: EntityContract, type: string): PublicCommandContract {
  const command = Object.hasOwn(commands, type) ? commands[type] : undefined;
  if (command?.visibility === 'public') return command;
  throw new ProblemError(problems.unknownCommandType, `the ${name} accepts no such command from outside`);
}

/** Parses the value. A missing value counts as an empty object, as in REST. */
function valueOf(raw: RawRecord): unknown {
  const contentType = headerOf(raw, 'content-type');
  if (contentType !== undefined && !JSON_TYPE.test(contentType)) {
    throw new ProblemError(problems.unsupportedMediaType, 'send the value as application/json');
  }
  const text = textOf(raw.value ?? Buffer.alloc(0));
  if (text === undefined) throw new ProblemError(problems.malformedJson, 'the value is not UTF-8');
  return text.trim() === '' ? {} : parseStrictJson(text);
}

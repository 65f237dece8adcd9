import { correlationIdOf, traceparentOf } from '../http/trace-context.js';
import type { RawRecord } from '#libs/kafka/kafka.js';
import { headerOf, invalidHeader } from './record-headers.js';

/** The content of a command record's headers. */
export interface CommandRecordHeaders {
  readonly type: string;
  /** The producer's id of the command. */
  readonly messageId: string | undefined;
  readonly correlationId: string | undefined;
  readonly traceparent: string | undefined;
  readonly expectedRevision: number | undefined;
}

/** The header that names the topic for the outcome. */
const REPLY_TO = 'perdure_replyto';
const EXPECTED_REVISION = 'perdure_expectedrevision';

const PRINTABLE = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;
/**
 * The topics that may be named for replies. Senders of commands must not be able to make us write
 * to just any topic that we have access to.
 */
const REPLY_TOPIC = /^perdure\.replies\.[A-Za-z0-9._-]{1,200}$/;

/**
 * Parses the headers of a record for the entity `id`. Throws a problem that names the invalid
 * header.
 */
export function commandRecordHeaders(raw: RawRecord, id: string): CommandRecordHeaders {
  const version = headerOf(raw, 'ce_specversion');
  if (version !== undefined && version !== '1.0') throw invalidHeader('ce_specversion', 'must be 1.0');
  const subject = headerOf(raw, 'ce_subject');
  if (subject !== undefined && subject !== id)
    throw invalidHeader('ce_subject', 'must be the key of the record');
  const type = headerOf(raw, 'ce_type');
  if (type === undefined) throw invalidHeader('ce_type', 'must name the command');
  const traceparent = headerOf(raw, 'traceparent');
  return {
    type,
    messageId: messageIdOf(raw),
    // Malformed tracing ids are ignored, as in REST.
    correlationId: correlationIdOf({ 'x-correlation-id': headerOf(raw, 'ce_correlationid') }),
    traceparent: traceparentOf({ ...(traceparent !== undefined && { traceparent }) }),
    expectedRevision: expectedRevisionOf(raw),
  };
}

/**
 * The topic on which the sender wants the outcome. Throws a problem if that topic is not allowed.
 */
export function replyTopicOf(raw: RawRecord): string | undefined {
  const topic = headerOf(raw, REPLY_TO);
  if (topic === undefined || REPLY_TOPIC.test(topic)) return topic;
  throw invalidHeader(REPLY_TO, 'must be perdure.replies. and 1 to 200 of A–Z a–z 0–9 . _ -');
}

function messageIdOf(raw: RawRecord): string | undefined {
  const id = headerOf(raw, 'ce_id');
  if (id === undefined || PRINTABLE.test(id)) return id;
  throw invalidHeader('ce_id', 'must be 1 to 255 printable ASCII characters');
}

function expectedRevisionOf(raw: RawRecord): number | undefined {
  const text = headerOf(raw, EXPECTED_REVISION);
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw invalidHeader(EXPECTED_REVISION, 'must be a revision such as 17');
}

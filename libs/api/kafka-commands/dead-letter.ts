import type { ProblemError } from '#libs/core/problem-error.js';
import type { KafkaRecord, RawRecord } from '#libs/kafka/kafka.js';

const SAID = ['code', 'detail', 'topic', 'partition', 'offset', 'timestamp'].map(
  (what) => `perdure_dlq_${what}`,
);
/** Headers in which senders may have put credentials, whether we read them or not. */
const CREDENTIALS = ['authorization', 'proxy-authorization', 'x-api-key', 'cookie'];
const NULL_HEADERS = 'perdure_dlq_nullheaders';

/**
 * A dead letter: a record that is not a command, unchanged except that it has no credential, with
 * the reason and its position. The same record always gives the same letter.
 */
export function toDeadLetter(record: KafkaRecord, { code, detail, extras }: ProblemError): RawRecord {
  const said: Record<string, string> = {
    perdure_dlq_code: code,
    perdure_dlq_detail: detail,
    ...(extras.errors && { perdure_dlq_errors: JSON.stringify(extras.errors) }),
    perdure_dlq_topic: record.topic,
    perdure_dlq_partition: String(record.partition),
    perdure_dlq_offset: String(record.offset),
    perdure_dlq_timestamp: String(record.timestamp),
  };
  const headers = Object.entries(said).map(([name, value]) => [name, [Buffer.from(value)]] as const);
  return { ...record.raw, headers: { ...writableHeaders(record.raw), ...Object.fromEntries(headers) } };
}

/**
 * kafkajs cannot write null headers. They are written as empty ones, and their names are listed in
 * a header of their own.
 */
function writableHeaders({ headers }: RawRecord): RawRecord['headers'] {
  const all = Object.entries(headers).filter(([name]) => !CREDENTIALS.includes(name.toLowerCase()));
  const nulls = all.filter(([, values]) => values.includes(null)).map(([name]) => name);
  const named = nulls.length > 0 && { [NULL_HEADERS]: [Buffer.from(JSON.stringify(nulls))] };
  const written = all.map(
    ([name, values]) => [name, values.map((value) => value ?? Buffer.alloc(0))] as const,
  );
  return { ...Object.fromEntries(written), ...named };
}

/**
 * Reduces a letter to the reason and the position of its record, for when the whole letter is too
 * large.
 */
export function withoutRecord({ headers }: RawRecord): RawRecord {
  const said = Object.entries(headers).filter(([name]) => SAID.includes(name));
  const incomplete = { perdure_dlq_incomplete: [Buffer.from('true')] };
  return { key: null, value: null, headers: { ...Object.fromEntries(said), ...incomplete } };
}

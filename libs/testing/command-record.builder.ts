import { commandsTopic } from '#contracts/entity-contract.js';
import type { KafkaRecord } from '#libs/kafka/kafka.js';

/** A record of the command topic of accounts, with these headers, at an offset of partition 0. */
export function commandRecord(
  offset: bigint,
  value: string,
  headers: Readonly<Record<string, string>>,
  key = 'a',
): KafkaRecord {
  const raw = Object.entries(headers).map(([name, text]) => [name, [Buffer.from(text)]] as const);
  return {
    topic: commandsTopic('account'),
    partition: 0,
    offset,
    timestamp: 1,
    key,
    value,
    headers,
    raw: { key: Buffer.from(key), value: Buffer.from(value), headers: Object.fromEntries(raw) },
  };
}

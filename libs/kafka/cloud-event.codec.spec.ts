import { describe, expect, test } from '@jest/globals';
import type { RecordedEvent } from '#libs/event-store/event-store.js';
import { fromCloudEvent, positionOf, toCloudEvent, toPublishedEvent } from './cloud-event.codec.js';
import type { KafkaRecord } from './kafka.js';
import { UnreadableRecordError } from './kafka.errors.js';

const event: RecordedEvent = {
  id: '6f1a3c5e-0000-4000-8000-000000000001',
  type: 'MoneyDeposited',
  data: { amount: 9_007_199_254_740_991, currency: 'EUR', reference: 'Gruß 🎁 "quoted"' },
  metadata: {
    commandId: 'command',
    keyId: 'key',
    actor: 'transfer-default.t-1',
    onBehalfOf: 'Zoë',
    at: '2026-01-01T00:00:00.000Z',
    index: 1,
    count: 3,
    schemaVersion: 2,
    hash: 'a1b2',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    $correlationId: 'correlation',
    $causationId: 'causation',
  },
  stream: 'account-default.alice.v-2',
  revision: 17,
  position: '18446744073709551615',
  recordedAt: '2026-01-01T00:00:00.003Z',
};

function asRecord(of: RecordedEvent, changes: Partial<KafkaRecord> = {}): KafkaRecord {
  return {
    topic: 't',
    partition: 0,
    offset: 0n,
    timestamp: Date.UTC(2026, 0, 2),
    ...toCloudEvent(of),
    raw: { key: null, value: null, headers: {} },
    ...changes,
  };
}

const published = { partition: 0, offset: '0', at: '2026-01-02T00:00:00.000Z' };

describe('an event as a CloudEvent', () => {
  test('is read again as it was', () => {
    expect(fromCloudEvent(asRecord(event))).toEqual({ ...toPublishedEvent(event), published });
  });

  test('is named by CloudEvents attributes, its stream is the key', () => {
    expect(toCloudEvent(event)).toMatchObject({
      key: event.stream,
      headers: {
        ce_specversion: '1.0',
        ce_id: event.id,
        ce_type: 'MoneyDeposited',
        ce_source: '/account/default',
        ce_subject: 'alice.v-2',
        ce_time: '2026-01-01T00:00:00.000Z',
        ce_recordedtime: '2026-01-01T00:00:00.003Z',
        ce_sequence: '17',
        ce_hash: 'a1b2',
        ce_actor: 'transfer-default.t-1',
        ce_onbehalfof: 'Zoë',
        traceparent: event.metadata.traceparent,
      },
    });
  });

  test('writes no header for an attribute that the event lacks', () => {
    const { keyId: _, traceparent: __, hash: ___, onBehalfOf: ____, ...metadata } = event.metadata;
    const plain = { ...event, metadata };
    const headers = Object.keys(toCloudEvent(plain).headers);
    for (const name of ['traceparent', 'ce_onbehalfof']) expect(headers).not.toContain(name);
    expect(fromCloudEvent(asRecord(plain))).toEqual({ ...toPublishedEvent(plain), published });
  });

  test('is published whole when its stream is not named by us', () => {
    expect(toPublishedEvent({ ...event, stream: 'account-odd' })).toMatchObject({
      category: 'account',
      entityId: 'account-odd',
    });
  });
});

describe('a record that the relay did not write', () => {
  const { headers } = asRecord(event);

  test.each<[string, Partial<KafkaRecord>]>([
    ['no key', { key: undefined }],
    ['a key that no stream has', { key: 'account-default.a\0b' }],
    ['a key that no index takes', { key: `account-default.${'a'.repeat(3_000)}` }],
    ['no value', { value: undefined }],
    ['data that cannot be written back', { value: `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}` }],
    ['a time before there were computers', { timestamp: -9_223_372_036_854_775_808 }],
    ['nothing that can be read', { unreadable: 'its checksum is wrong' }],
    ['no JSON', { value: '{' }],
    ['a list', { value: '[]' }],
    ['no headers', { headers: {} }],
    ['another version', { headers: { ...headers, ce_specversion: '0.3' } }],
    ['a negative revision', { headers: { ...headers, ce_sequence: '-1' } }],
    ['a revision beyond all numbers', { headers: { ...headers, ce_sequence: '9'.repeat(20) } }],
    ['no time', { headers: { ...headers, ce_time: 'yesterday' } }],
    ['an odd position', { headers: { ...headers, ce_position: '1e3' } }],
  ])('is distinguished: %s', (_, changes) => {
    expect(() => fromCloudEvent(asRecord(event, changes))).toThrow(UnreadableRecordError);
  });

  test('may hold as many brackets as it likes in its texts', () => {
    const data = { note: '[{"\\'.repeat(1_000) };
    expect(fromCloudEvent(asRecord(event, { value: JSON.stringify(data) })).data).toEqual(data);
  });

  test('proves no position', () => {
    expect(positionOf(asRecord(event))).toBe(18_446_744_073_709_551_615n);
    expect(positionOf(asRecord(event, { headers: {} }))).toBeUndefined();
    expect(positionOf(asRecord(event, { headers: { ce_position: '-1' } }))).toBeUndefined();
  });
});

import { describe, expect, it } from '@jest/globals';
import { nextLink } from '#libs/event-store/event-hash.js';
import type { RecordedEvent } from '#libs/event-store/event-store.js';
import { toCloudEvent } from '#libs/kafka/cloud-event.codec.js';
import type { KafkaRecord } from '#libs/kafka/kafka.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { historyOf } from '#libs/testing/history.js';
import { TopicLedger } from './topic-ledger.js';

const stream = 'account-default.alice';
const events = historyOf(
  stream,
  [1, 2, 3, 4].map((amount) => ({ type: 'MoneyDeposited', data: { amount } })),
);

async function stored(): Promise<readonly RecordedEvent[]> {
  const store = new MemoryEventStore();
  await store.append(stream, -1, events);
  return store.eventsOf(stream);
}

function recordOf(event: RecordedEvent): KafkaRecord {
  const raw = { key: null, value: null, headers: {} };
  const place = { topic: 't', partition: 0, offset: BigInt(event.revision), timestamp: 0 };
  return { ...place, ...toCloudEvent(event), raw };
}

const take = (ledger: TopicLedger, found: readonly RecordedEvent[]) =>
  found.flatMap((event) => ledger.take(recordOf(event))?.detail ?? []);

describe('a topic', () => {
  it('is right when each revision comes once and in order', async () => {
    const ledger = new TopicLedger('t');
    const all = await stored();
    expect(take(ledger, all)).toEqual([]);
    expect(ledger.revisionOf(stream)).toBe(3);
    const hash = all.reduce<string | undefined>((before, event) => nextLink(before, event), undefined);
    expect(ledger.compare(stream, hash)).toBeUndefined();
    expect(ledger.compare(stream, 'another')?.kind).toBe('topic');
  });

  it.each([
    ['a gap', [0, 2, 3], ['revision 2 comes after 0']],
    ['a repeat', [0, 1, 1, 2], ['revision 1 comes after 1']],
    ['a turn', [0, 2, 1, 3], ['revision 2 comes after 0', 'revision 1 comes after 2']],
  ])('shows %s', async (_, revisions, details) => {
    const all = await stored();
    expect(
      take(
        new TopicLedger('t'),
        revisions.flatMap((revision) => all[revision] ?? []),
      ),
    ).toEqual(details);
  });

  it('shows an event that does not match its hash', async () => {
    const [first, second] = await stored();
    if (!first || !second) throw new TypeError('the store holds nothing');
    const changed = { ...second, metadata: { ...second.metadata, hash: 'another' } };
    expect(take(new TopicLedger('t'), [first, changed])).toEqual([
      `the hash of revision 1 of ${stream} does not follow from the events before it`,
    ]);
  });
});

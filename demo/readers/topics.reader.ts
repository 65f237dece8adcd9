import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import type { Totals, TotalsReader } from '../totals.js';

const TOPICS = ['account', 'cart', 'inventory'].map((category) => `perdure.${category}.events.v1`);
/** Long enough for a group to form and for a fetch that finds nothing. */
const SILENCE_MILLISECONDS = 6_000;

/** Reads the topics from their start with a consumer group of its own, until they have been silent for a while. */
export function topicsReader(brokers: readonly string[], prefix: string): TotalsReader {
  return { source: 'topics (Kafka)', read: () => readTopics([...brokers], prefix) };
}

async function readTopics(brokers: string[], prefix: string): Promise<Totals> {
  const kafka = new Kafka({ clientId: 'perdure-demo', brokers, logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `perdure-demo-${randomUUID()}`, readUncommitted: false });
  /** What each type of event adds up to: of our accounts and carts, and of the shelves. */
  const sums: Record<string, number> = {};
  const add = (name: string, value: number): void => void (sums[name] = (sums[name] ?? 0) + value);
  const read = (key: string, type: string, body: () => Record<string, unknown>): void => {
    const [category, id = ''] = key.split('-default.');
    if (category === 'inventory') {
      if (!/^cd-[ab]-\d+$/.test(id) || !/Received|Confirmed|Returned/.test(type)) return;
      const { quantity, reservationId } = body();
      add(type, Number(quantity));
      if (String(reservationId).startsWith(prefix)) add(`our ${type}`, Number(quantity));
    } else if (id.startsWith(prefix)) {
      add(`our ${type}`, 1);
      if (type === 'HoldCaptured') add('captured', Number(body()['captured']));
      if (type === 'CheckoutCompleted') add('sold', Number(body()['total']));
    }
  };
  await consumer.connect();
  await consumer.subscribe({ topics: TOPICS, fromBeginning: true });
  const silence = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, SILENCE_MILLISECONDS);
    void consumer.run({
      autoCommit: false,
      eachMessage: async ({ message: { key, headers, value } }) => {
        timer.refresh();
        const type = String(headers?.['ce_type']).split('.').at(-1) ?? '';
        read(String(key), type, () => JSON.parse(String(value)) as Record<string, unknown>);
      },
    });
  });
  await silence;
  await consumer.disconnect();
  return totalsOf((name) => sums[name] ?? 0);
}

function totalsOf(sum: (name: string) => number): Totals {
  const received = sum('StockReceived');
  const taken = sum('ReservationConfirmed') - sum('ReservationReturned');
  return {
    customers: sum('our AccountOpened'),
    purchases: sum('our CheckoutCompleted'),
    cds: sum('our ReservationConfirmed') - sum('our ReservationReturned'),
    sold: sum('sold'),
    captured: sum('captured'),
    stock: { received, taken, left: received - taken },
  };
}

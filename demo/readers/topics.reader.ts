import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import type { KafkaCluster } from '#libs/service/kafka-config.js';
import type { Totals, TotalsReader } from '../totals.js';

const TOPICS = ['account', 'cart', 'inventory'].map((category) => `perdure.${category}.events.v1`);
/**
 * If nothing arrives for this long, nothing more will: the broker aborts abandoned transactions
 * earlier.
 */
const PATIENCE_MILLISECONDS = 90_000;

/** Reads the topics from their start to their current end, with a new consumer group. */
export function topicsReader(cluster: KafkaCluster, prefix: string): TotalsReader {
  return { source: 'topics (Kafka)', read: () => readTopics(cluster, prefix) };
}

async function readTopics({ brokers, ...security }: KafkaCluster, prefix: string): Promise<Totals> {
  const kafka = new Kafka({
    clientId: 'perdure-demo',
    brokers: [...brokers],
    ...security,
    logLevel: logLevel.NOTHING,
  });
  const consumer = kafka.consumer({ groupId: `perdure-demo-${randomUUID()}`, readUncommitted: false });
  /** Sums by type of event: of our accounts and carts, and of the stock. */
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
  const ends = await endsOf(kafka);
  if (ends.size === 0) return totalsOf(() => 0);
  await consumer.connect();
  await consumer.subscribe({ topics: TOPICS, fromBeginning: true });
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, PATIENCE_MILLISECONDS);
    // The end also holds transaction markers, for which there is no message.
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { topic, partition, lastOffset } }) => {
      timer.refresh();
      const place = `${topic}/${partition}`;
      if (BigInt(lastOffset) + 1n >= (ends.get(place) ?? 0n)) ends.delete(place);
      if (ends.size > 0) return;
      clearTimeout(timer);
      resolve();
    });
    void consumer.run({
      autoCommit: false,
      eachMessage: async ({ message: { key, headers, value } }) => {
        const type = String(headers?.['ce_type']).split('.').at(-1) ?? '';
        read(String(key), type, () => JSON.parse(String(value)) as Record<string, unknown>);
      },
    });
  });
  await consumer.disconnect();
  return totalsOf((name) => sums[name] ?? 0);
}

/** The end of each partition that is not empty. */
async function endsOf(kafka: Kafka): Promise<Map<string, bigint>> {
  const admin = kafka.admin();
  await admin.connect();
  const ends = new Map<string, bigint>();
  for (const topic of TOPICS) {
    for (const { partition, high, low } of await admin.fetchTopicOffsets(topic)) {
      if (BigInt(high) > BigInt(low)) ends.set(`${topic}/${partition}`, BigInt(high));
    }
  }
  await admin.disconnect();
  return ends;
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

import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import type { Totals, TotalsReader } from '../totals.js';

const TOPIC = 'perdure.account.events.v1';
/** Long enough for a group to form and for a fetch that finds nothing. */
const SILENCE_MILLISECONDS = 6_000;

/** Reads the topic from its start with a consumer group of its own, until it has been silent for a while. */
export function topicReader(brokers: readonly string[], prefix: string): TotalsReader {
  return { source: 'topic (Kafka)', read: () => readTopic([...brokers], prefix) };
}

async function readTopic(brokers: string[], prefix: string): Promise<Totals> {
  const kafka = new Kafka({ clientId: 'perdure-demo', brokers, logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `perdure-demo-${randomUUID()}`, readUncommitted: false });
  let [customers, captures, captured] = [0, 0, 0];
  await consumer.connect();
  await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
  const silence = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, SILENCE_MILLISECONDS);
    void consumer.run({
      autoCommit: false,
      eachMessage: async ({ message }) => {
        timer.refresh();
        if (!String(message.key).startsWith(`account-default.${prefix}`)) return;
        const type = String(message.headers?.['ce_type']);
        if (type.endsWith('AccountOpened')) customers += 1;
        if (!type.endsWith('HoldCaptured')) return;
        captures += 1;
        captured += (JSON.parse(String(message.value)) as { captured: number }).captured;
      },
    });
  });
  await silence;
  await consumer.disconnect();
  return { customers, captures, captured };
}

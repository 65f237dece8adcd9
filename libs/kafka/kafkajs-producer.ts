import { setTimeout as sleep } from 'node:timers/promises';
import type { Kafka as KafkaJs, Producer, RecordMetadata, Transaction } from 'kafkajs';
import type { TopicMessages, TransactionalProducer } from './kafka.js';
import { KafkaUnavailableError } from './kafka.errors.js';
import { isConcurrentTransaction, toKafkaError } from './kafkajs-errors.js';
import { toRequests } from './kafkajs-requests.js';

/** A paused process loses its open transaction after this long, so that readers of committed records go on. */
const TRANSACTION_TIMEOUT_MILLISECONDS = 15_000;

/** All of a request may fall into one partition, which takes a third more at once. */
const MAX_REQUEST_BYTES = 3 * 1024 * 1024;

/** How long the broker may take to complete the transaction before: it is a matter of milliseconds. */
const CONCURRENT_TRIES = 500;
const CONCURRENT_PAUSE_MILLISECONDS = 3;

/** Opens a producer and takes the transactional id over from whoever holds it. */
export async function openProducer(client: KafkaJs, transactionalId: string): Promise<TransactionalProducer> {
  const producer = client.producer({
    transactionalId,
    transactionTimeout: TRANSACTION_TIMEOUT_MILLISECONDS,
    allowAutoTopicCreation: false,
    maxInFlightRequests: 1,
    // A send that kafkajs repeats by itself may skip or repeat a partition whose leader has moved meanwhile.
    retry: { retries: 0 },
  });
  try {
    await producer.connect();
    return new KafkaJsProducer(producer, await producer.transaction());
  } catch (error) {
    await producer.disconnect().catch(() => undefined);
    throw toKafkaError(error, 'opening a producer');
  }
}

class KafkaJsProducer implements TransactionalProducer {
  constructor(
    private readonly producer: Producer,
    /** Begun, which is a local matter, because only beginning one takes the id over. */
    private begun: Transaction | undefined,
  ) {}

  async commit(writes: readonly TopicMessages[]): Promise<void> {
    for (let tries = 1; ; tries++) {
      const transaction = this.begun ?? (await this.begin());
      this.begun = undefined;
      try {
        for (const topicMessages of toRequests(writes, MAX_REQUEST_BYTES)) {
          checkOncePerPartition(await transaction.sendBatch({ topicMessages, acks: -1 }));
        }
        await transaction.commit();
        return;
      } catch (error) {
        if (!isConcurrentTransaction(error) || tries >= CONCURRENT_TRIES) {
          throw toKafkaError(error, `committing to ${writes.map(({ topic }) => topic).join(', ')}`);
        }
        await this.abort(transaction);
        await sleep(CONCURRENT_PAUSE_MILLISECONDS);
      }
    }
  }

  async close(): Promise<void> {
    await this.producer.disconnect().catch(() => undefined);
  }

  private async begin(): Promise<Transaction> {
    try {
      return await this.producer.transaction();
    } catch (error) {
      throw toKafkaError(error, 'beginning a transaction');
    }
  }

  private async abort(transaction: Transaction): Promise<void> {
    try {
      await transaction.abort();
    } catch (error) {
      throw toKafkaError(error, 'aborting a transaction');
    }
  }
}

/** Without a retry there is one answer a partition; anything else means that a part was sent twice. */
function checkOncePerPartition(sent: readonly RecordMetadata[]): void {
  const partitions = new Set(sent.map(({ topicName, partition }) => `${topicName}/${partition}`));
  if (sent.length === 0 || partitions.size !== sent.length) {
    throw new KafkaUnavailableError('the answer to a send does not name each partition once');
  }
  const refused = sent.find(({ errorCode }) => errorCode !== 0);
  if (refused) {
    throw new KafkaUnavailableError(
      `partition ${refused.partition} of ${refused.topicName} refused with ${refused.errorCode}`,
    );
  }
}

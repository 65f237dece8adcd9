import { setTimeout as sleep } from 'node:timers/promises';
import type { Kafka as KafkaJs, Producer, RecordMetadata, Transaction } from 'kafkajs';
import type { TopicMessages, TransactionalProducer } from './kafka.js';
import { KafkaUnavailableError } from './kafka.errors.js';
import { isConcurrentTransaction, toKafkaError } from './kafkajs-errors.js';
import { toRequests } from './kafkajs-requests.js';

/**
 * The broker aborts the open transaction of a paused process after this long, so that readers of
 * committed records proceed.
 */
const TRANSACTION_TIMEOUT_MILLISECONDS = 15_000;

/** A whole request may go to one partition, whose limit is a third higher. */
const MAX_REQUEST_BYTES = 3 * 1024 * 1024;

/**
 * Bounds the retries while the broker completes the previous transaction, a matter of milliseconds.
 */
const CONCURRENT_TRIES = 500;
const CONCURRENT_PAUSE_MILLISECONDS = 3;

/** Opens a producer and takes over the transactional id from its previous holder. */
export async function openProducer(client: KafkaJs, transactionalId: string): Promise<TransactionalProducer> {
  const producer = client.producer({
    transactionalId,
    transactionTimeout: TRANSACTION_TIMEOUT_MILLISECONDS,
    allowAutoTopicCreation: false,
    maxInFlightRequests: 1,
    // If kafkajs retried a send itself, it could skip or repeat a partition whose leader has moved.
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
    /**
     * Begun early, which is a local operation, because only beginning a transaction takes over the
     * id.
     */
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

/**
 * Without retries there is one answer per partition. Anything else means that a part was sent
 * twice.
 */
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

import type { Consumer, EachBatchPayload } from 'kafkajs';
import type { ChangeLog } from '#libs/runtime/change-log.js';
import type { ConsumerProgress } from './consumer-progress.js';
import { GrowingPause } from '#libs/runtime/growing-pause.js';
import type { BatchControl, BatchHandler, KafkaBatch } from './kafka.js';
import { toRecord } from './kafkajs-records.js';
import type { FetchedMessage } from './record-batch.js';

const HEARTBEAT_MILLISECONDS = 1_500;

interface HandleBatch {
  readonly consumer: Consumer;
  readonly payload: EachBatchPayload;
  readonly handle: BatchHandler;
  readonly progress: ConsumerProgress;
  readonly changes: ChangeLog;
  readonly signal: AbortSignal;
}

/**
 * Passes a batch to its handler until it is handled or the partition belongs to another member. The
 * consumer stays a member of its group however long the handler fails.
 */
export async function handleBatch(work: HandleBatch): Promise<void> {
  const { payload, progress } = work;
  const { topic, partition } = payload.batch;
  const { generation } = progress;
  const done = progress.handling();
  let isMember = true;
  const beat = setInterval(() => {
    // kafkajs meets the same error again after the batch, and rejoins.
    payload.heartbeat().catch(() => (isMember = false));
  }, HEARTBEAT_MILLISECONDS);
  try {
    const isHandled = await handleUntilDone(work, () => isMember);
    // If the consumer reads from elsewhere since, this is not where it is.
    if (!isHandled || progress.generation !== generation) return progress.notHandled(topic, partition);
    payload.resolveOffset(payload.batch.lastOffset());
    await payload.commitOffsetsIfNecessary();
  } finally {
    clearInterval(beat);
    done();
  }
}

async function handleUntilDone(work: HandleBatch, isMember: () => boolean): Promise<boolean> {
  const { payload, changes, signal } = work;
  const pause = new GrowingPause(200, 5_000);
  while (payload.isRunning() && !payload.isStale() && isMember() && !signal.aborted) {
    try {
      const isHandled = await handleOnce(work);
      changes.well();
      return isHandled;
    } catch (error) {
      changes.failing('a batch cannot be handled', error);
    }
    await pause.wait(signal);
  }
  return false;
}

async function handleOnce({ consumer, payload, handle, progress }: HandleBatch): Promise<boolean> {
  const { topic, partition } = payload.batch;
  let isSought = false;
  const control: BatchControl = {
    generation: progress.generation,
    seek: (offset) => {
      isSought = true;
      consumer.seek({ topic, partition, offset: String(offset) });
    },
  };
  await handle(toBatch(payload), control);
  return !isSought;
}

/** kafkajs has the fetched offset, but its types do not declare it. */
type BatchOfKafkaJs = EachBatchPayload['batch'] & { readonly fetchedOffset: string };

function toBatch({ batch }: EachBatchPayload): KafkaBatch {
  const { topic, partition, messages } = batch;
  return {
    topic,
    partition,
    records: (messages as unknown as FetchedMessage[]).map((message) => toRecord(topic, partition, message)),
    fetchedOffset: BigInt((batch as BatchOfKafkaJs).fetchedOffset),
    nextOffset: BigInt(batch.lastOffset()) + 1n,
  };
}

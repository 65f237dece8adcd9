import type { Consumer } from 'kafkajs';

interface ConsumerListener {
  /** The consumer gave a sign of life. */
  readonly onPoll: () => void;
  /** Partitions were assigned to it. */
  readonly onAssigned: () => void;
}

/** The observable state of a consumer: its assignment, its offsets, its last sign of life. */
export class ConsumerProgress {
  lastPollAt = Date.now();
  /** Changes with every assignment of partitions, and whenever they are read from elsewhere. */
  generation = 0;
  readonly assigned = new Map<string, Map<number, bigint | undefined>>();
  private inHand = 0;
  private readonly unhandled = new Set<string>();

  /** Attaches to a new consumer. */
  follow(consumer: Consumer, { onPoll, onAssigned }: ConsumerListener): void {
    const { events } = consumer;
    this.alive();
    consumer.on(events.GROUP_JOIN, ({ payload }) => {
      this.alive();
      this.generation += 1;
      this.assigned.clear();
      for (const [topic, partitions] of Object.entries(payload.memberAssignment)) {
        this.assigned.set(topic, new Map(partitions.map((partition) => [partition, undefined])));
      }
      onAssigned();
    });
    consumer.on(events.FETCH, () => {
      this.alive();
      onPoll();
    });
    // Fires also for batches that hold only markers, which no handler sees.
    consumer.on(events.END_BATCH_PROCESS, ({ payload: { topic, partition, lastOffset } }) => {
      this.alive();
      const partitions = this.assigned.get(topic);
      const isHandled = !this.unhandled.delete(`${topic}/${partition}`);
      if (isHandled && partitions?.has(partition)) partitions.set(partition, BigInt(lastOffset) + 1n);
    });
  }

  /** The assigned partitions will be read from offsets that are not known yet. */
  startAgain(): void {
    this.generation += 1;
    for (const partitions of this.assigned.values()) {
      for (const partition of partitions.keys()) partitions.set(partition, undefined);
    }
  }

  /**
   * Marks a batch as being handled, however long that takes. Returns a function that ends the mark.
   */
  handling(): () => void {
    this.inHand += 1;
    return () => {
      this.inHand -= 1;
      this.alive();
    };
  }

  /** The current batch of this partition will be delivered again, so its end is no progress. */
  notHandled(topic: string, partition: number): void {
    this.unhandled.add(`${topic}/${partition}`);
  }

  isSilentFor(milliseconds: number): boolean {
    return this.inHand === 0 && Date.now() - this.lastPollAt > milliseconds;
  }

  private alive(): void {
    this.lastPollAt = Date.now();
  }
}

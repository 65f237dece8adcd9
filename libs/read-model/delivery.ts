import type { BatchControl, KafkaBatch } from '#libs/kafka/kafka.js';

/** A batch that a consumer waits for. */
export class Delivery {
  /** Whether the consumer is to continue; otherwise it is sent to read from somewhere else. */
  readonly done: Promise<boolean>;
  private resolve: (continues: boolean) => void = () => undefined;
  private reject: (error: unknown) => void = () => undefined;
  private readonly wanted: bigint[] = [];

  constructor(
    readonly batch: KafkaBatch,
    private readonly control: BatchControl,
  ) {
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  get generation(): number {
    return this.control.generation;
  }

  /** A view needs what is before the batch. */
  want(offset: bigint): void {
    this.wanted.push(offset);
  }

  /** It was applied to all views but those that want to read from somewhere else. */
  settle(): void {
    if (this.wanted.length > 0) this.control.seek(least(this.wanted));
    this.resolve(this.wanted.length === 0);
  }

  fail(error: unknown): void {
    this.reject(error);
  }
}

/** The least of these offsets, of which there is at least one. */
export function least(offsets: readonly bigint[]): bigint {
  return offsets.reduce((one, other) => (one < other ? one : other));
}

import type { AppendResult, EventData } from '@eventstore/db-client';
import type { StoreClient } from './official-client.js';
import { newEvent, newStream, NO_STREAM, toFailure } from './store-kit.js';

const WRONG_EXPECTED_VERSION = 'wrong-expected-version';
/** Longer than the keep-alive needs. An append without an answer by then has an unknown outcome. */
const PATIENCE_MS = 20_000;

interface Acknowledged {
  readonly expected: bigint | typeof NO_STREAM;
  readonly events: readonly EventData[];
  readonly answer: AppendResult;
}

/**
 * Appends to its own stream, one batch after the other. What is not acknowledged is appended again
 * with the same ids.
 */
export class Writer {
  readonly stream = newStream('writer');
  readonly acknowledged: Acknowledged[] = [];
  private isStopped = false;

  constructor(
    private readonly store: StoreClient,
    private readonly random: () => number,
    private readonly onAcknowledged: () => void,
  ) {}

  async run(): Promise<void> {
    while (!this.isStopped) await this.appendNext();
  }

  stop(): void {
    this.isStopped = true;
  }

  get ids(): string[] {
    return this.acknowledged.flatMap(({ events }) => events.map(({ id }) => id));
  }

  /** Repeats an acknowledged batch. */
  repeat({ expected, events }: Acknowledged): Promise<AppendResult> {
    return this.store.append(this.stream, events, expected);
  }

  private async appendNext(): Promise<void> {
    const count = this.ids.length;
    const expected = count === 0 ? NO_STREAM : BigInt(count - 1);
    const events = Array.from({ length: 1 + Math.floor(this.random() * 3) }, (_, index) =>
      newEvent(`event ${count + index}`),
    );
    const answer = await this.insist(expected, events);
    this.acknowledged.push({ expected, events, answer });
    this.onAcknowledged();
  }

  private async insist(expected: bigint | typeof NO_STREAM, events: EventData[]): Promise<AppendResult> {
    for (;;) {
      try {
        return await withPatience(this.store.append(this.stream, events, expected));
      } catch (error) {
        const { type } = toFailure(error);
        if (type === WRONG_EXPECTED_VERSION)
          throw new Error(`${this.stream}: a repeat was not known`, { cause: error });
        await new Promise((resolve) => setTimeout(resolve, 20 + this.random() * 80));
      }
    }
  }
}

async function withPatience<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error('no answer')), PATIENCE_MS);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

import type { Watermarks } from './kafka.js';
import type { GroupFreeReader } from './kafkajs-internals.js';

type OffsetsReader = Pick<GroupFreeReader, 'watermarks' | 'close'>;

interface Kept {
  readonly reader: Promise<OffsetsReader>;
  readonly openedAt: number;
  asking: number;
  isDropped: boolean;
}

/** More partitions are noticed after this time. */
const LONGEST_MILLISECONDS = 60_000;
/** The one opened first is closed for another. */
const MOST = 16;

/**
 * Keeps the connections over which the offsets of a topic were read, since opening them costs more
 * than the answer. After a failure, opens new ones.
 */
export class KeptReaders {
  private readonly kept = new Map<string, Kept>();
  private isClosed = false;

  constructor(private readonly open: (topic: string) => Promise<OffsetsReader>) {}

  async watermarks(topic: string): Promise<Watermarks> {
    const before = this.kept.get(topic);
    if (before && Date.now() - before.openedAt > LONGEST_MILLISECONDS) void this.drop(topic, before);
    else if (before) {
      try {
        return await this.ask(topic, before);
      } catch {
        // Connections may be stale, as after a restart of Kafka: new ones have the last word.
      }
    }
    return this.ask(topic, this.kept.get(topic) ?? this.keep(topic));
  }

  /** Closes each connection as soon as its outstanding requests are answered. */
  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all([...this.kept].map(([topic, one]) => this.drop(topic, one)));
  }

  private keep(topic: string): Kept {
    const [oldest] = this.kept;
    if (oldest && this.kept.size >= MOST) void this.drop(...oldest);
    const one = { reader: this.open(topic), openedAt: Date.now(), asking: 0, isDropped: false };
    this.kept.set(topic, one);
    return one;
  }

  private async ask(topic: string, one: Kept): Promise<Watermarks> {
    one.asking += 1;
    let isWell = false;
    try {
      const reader = await one.reader;
      const answer = await reader.watermarks();
      isWell = true;
      return answer;
    } finally {
      one.asking -= 1;
      if (!isWell || this.isClosed || one.isDropped) void this.drop(topic, one);
    }
  }

  /** Nobody else begins to use it. The last who uses it closes it. */
  private async drop(topic: string, one: Kept): Promise<void> {
    one.isDropped = true;
    if (this.kept.get(topic) === one) this.kept.delete(topic);
    if (one.asking > 0) return;
    await one.reader.then((reader) => reader.close()).catch(() => undefined); // it was not open
  }
}

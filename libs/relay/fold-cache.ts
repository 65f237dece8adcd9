import { heapBytes } from '#libs/core/heap-bytes.js';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';

/** What a fold takes beside its state: its own object with hash and time, its key, its place in the map. */
const OVERHEAD_BYTES = 500;

/** What a cache of folds holds at this moment, and how often it had to let one go. */
export interface HeldFolds {
  readonly entries: number;
  /** Of the heap, as `heapBytes` counts. */
  readonly bytes: number;
  readonly maxBytes: number;
  /** Folds that were dropped, or not held at all, because of the limit. */
  readonly evicted: number;
}

interface Held {
  readonly fold: Fold;
  readonly bytes: number;
}

/** Folds by stream. Beyond the limit the least recently set ones are evicted. */
export class FoldCache {
  private readonly byStream = new Map<string, Held>();
  private bytes = 0;
  private evicted = 0;

  /** `maxBytes` counts bytes of heap. */
  constructor(private readonly maxBytes: number) {}

  get(stream: string): Fold | undefined {
    return this.byStream.get(stream)?.fold;
  }

  set(stream: string, fold: Fold): void {
    this.delete(stream);
    const bytes = heapBytes(fold.state) + OVERHEAD_BYTES;
    this.byStream.set(stream, { fold, bytes });
    this.bytes += bytes;
    for (const oldest of this.byStream.keys()) {
      if (this.bytes <= this.maxBytes) return;
      this.delete(oldest);
      this.evicted += 1;
    }
  }

  delete(stream: string): void {
    this.bytes -= this.byStream.get(stream)?.bytes ?? 0;
    this.byStream.delete(stream);
  }

  held(): HeldFolds {
    const { bytes, maxBytes, evicted } = this;
    return { entries: this.byStream.size, bytes, maxBytes, evicted };
  }
}

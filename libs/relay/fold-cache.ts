import { heapBytes } from '#libs/core/heap-bytes.js';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';

/**
 * Memory for a fold in addition to its state: its object with hash and time, its key, its entry in
 * the map.
 */
const OVERHEAD_BYTES = 500;

/** The current content of a cache of folds, and the number of its evictions. */
export interface HeldFolds {
  readonly entries: number;
  /** Of heap, as counted by `heapBytes`. */
  readonly bytes: number;
  readonly maxBytes: number;
  /** Folds that were evicted, or never cached, because of the limit. */
  readonly evicted: number;
}

interface Held {
  readonly fold: Fold;
  readonly bytes: number;
}

/** Folds by stream. Above the limit, the least recently set ones are evicted. */
export class FoldCache {
  private readonly byStream = new Map<string, Held>();
  private bytes = 0;
  private evicted = 0;

  /** `maxBytes` limits the heap used. */
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

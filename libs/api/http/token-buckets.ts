import { BoundedMap } from '#libs/runtime/bounded-map.js';

/** How fast a bucket fills, and how much it holds. */
export interface BucketSize {
  readonly perSecond: number;
  readonly burst: number;
}

interface Bucket {
  level: number;
  filledAt: number;
}

/**
 * Token buckets by key. Keeps a bounded number of them: the bucket that was used least recently is
 * dropped for a new one, and its key starts again with a full one.
 */
export class TokenBuckets {
  private readonly buckets: BoundedMap<string, Bucket>;

  constructor(
    private readonly size: BucketSize,
    most: number,
    onDrop: () => void = () => undefined,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.buckets = new BoundedMap(most, onDrop);
  }

  /** Takes a token. Returns false if there is none. */
  take(key: string): boolean {
    const level = this.levelOf(key);
    const isThere = level >= 1;
    this.buckets.set(key, { level: isThere ? level - 1 : level, filledAt: this.now() });
    return isThere;
  }

  /** The number of tokens that could be taken. */
  left(key: string): number {
    return Math.floor(this.levelOf(key));
  }

  private levelOf(key: string): number {
    const { perSecond, burst } = this.size;
    const bucket = this.buckets.get(key);
    if (!bucket) return burst;
    return Math.min(burst, bucket.level + ((this.now() - bucket.filledAt) / 1_000) * perSecond);
  }
}

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
  /** In the order of their last use. */
  private readonly buckets = new Map<string, Bucket>();

  constructor(
    private readonly size: BucketSize,
    private readonly most: number,
    private readonly onDrop: () => void = () => undefined,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Takes a token. Returns false if there is none. */
  take(key: string): boolean {
    const level = this.levelOf(key);
    const isThere = level >= 1;
    this.keep(key, { level: isThere ? level - 1 : level, filledAt: this.now() });
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

  private keep(key: string, bucket: Bucket): void {
    this.buckets.delete(key);
    this.buckets.set(key, bucket);
    if (this.buckets.size <= this.most) return;
    const [oldest] = this.buckets.keys();
    if (oldest !== undefined) this.buckets.delete(oldest);
    this.onDrop();
  }
}

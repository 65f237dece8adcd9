/**
 * A map that keeps a bounded number of entries: the one that was set least recently is dropped for
 * a new one.
 */
export class BoundedMap<Key, Value> {
  /** In the order in which they were set last. */
  private readonly entries = new Map<Key, Value>();

  constructor(
    private readonly most: number,
    private readonly onDrop: () => void,
  ) {}

  get size(): number {
    return this.entries.size;
  }

  get(key: Key): Value | undefined {
    return this.entries.get(key);
  }

  set(key: Key, value: Value): void {
    this.entries.delete(key);
    this.entries.set(key, value);
    if (this.entries.size <= this.most) return;
    for (const oldest of this.entries.keys()) {
      this.entries.delete(oldest);
      break;
    }
    this.onDrop();
  }
}

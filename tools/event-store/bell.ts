/** Notifies one listener. A notification that arrives while it is not waiting is not lost. */
export class Bell {
  private isRung = false;
  private wake: (() => void) | undefined;

  ring(): void {
    this.isRung = true;
    this.wake?.();
  }

  /** Resolves when it has rung since the last call. */
  async next(): Promise<void> {
    if (!this.isRung) await new Promise<void>((resolve) => (this.wake = resolve));
    this.wake = undefined;
    this.isRung = false;
  }
}

/** The bells of listeners that wait for events of one stream, or of any (`undefined`). */
export class Bells {
  private readonly bells = new Map<string | undefined, Set<Bell>>();

  add(stream: string | undefined): Bell {
    const bell = new Bell();
    const others = this.bells.get(stream);
    if (others) others.add(bell);
    else this.bells.set(stream, new Set([bell]));
    return bell;
  }

  remove(stream: string | undefined, bell: Bell): void {
    const bells = this.bells.get(stream);
    bells?.delete(bell);
    if (bells?.size === 0) this.bells.delete(stream);
  }

  /** Notifies the listeners to one of these streams, or to any. */
  ring(streams: Iterable<string>): void {
    for (const stream of [undefined, ...streams]) this.bells.get(stream)?.forEach((bell) => bell.ring());
  }

  ringAll(): void {
    for (const bells of this.bells.values()) for (const bell of bells) bell.ring();
  }
}

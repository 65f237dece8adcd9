import type { Fold } from '#libs/entity-workflow/entity-messages.js';

/** What a fold takes beside its state. */
const OVERHEAD_BYTES = 400;

interface Held {
  readonly fold: Fold;
  readonly bytes: number;
}

/** Folds by stream; beyond the bound those go that were not asked for the longest. */
export class FoldCache {
  private readonly held = new Map<string, Held>();
  private bytes = 0;

  /** `maxBytes` counts states as JSON; in memory they take some times as much. */
  constructor(private readonly maxBytes: number) {}

  get(stream: string): Fold | undefined {
    return this.held.get(stream)?.fold;
  }

  set(stream: string, fold: Fold, stateBytes: number): void {
    this.delete(stream);
    const bytes = stateBytes + OVERHEAD_BYTES;
    this.held.set(stream, { fold, bytes });
    this.bytes += bytes;
    for (const oldest of this.held.keys()) {
      if (this.bytes <= this.maxBytes) return;
      this.delete(oldest);
    }
  }

  delete(stream: string): void {
    this.bytes -= this.held.get(stream)?.bytes ?? 0;
    this.held.delete(stream);
  }
}

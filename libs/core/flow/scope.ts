import type { Message } from './flow.js';
import type { Work } from './flow-host.js';
import { Cancelled } from './flow.errors.js';

/**
 * A part of a flow that is cancelled as a whole: the flow itself, or a branch. What runs in it ends
 * with `Cancelled`, and nothing new starts.
 */
export class Scope {
  /** The message that was taken last, if nothing was done since. */
  lastTaken: Message | undefined;
  /** What is called when the branch of this scope has ended. */
  readonly atEnd = new Set<() => void>();
  private readonly parts = new Set<{ cancel(reason: string): void }>();
  private reason: string | undefined;

  get isCancelled(): boolean {
    return this.reason !== undefined;
  }

  /** A scope that is cancelled with this one. `close` it once it is done. */
  open(): Scope {
    const inner = new Scope();
    this.parts.add(inner);
    if (this.reason !== undefined) inner.cancel(this.reason);
    return inner;
  }

  close(inner: Scope): void {
    this.parts.delete(inner);
    for (const end of inner.atEnd) end();
  }

  cancel(reason: string): void {
    if (this.reason !== undefined) return;
    this.reason = reason;
    for (const part of this.parts) part.cancel(reason);
  }

  /** Throws `Cancelled` if the scope is cancelled. */
  check(): void {
    this.lastTaken = undefined;
    if (this.reason !== undefined) throw new Cancelled(this.reason);
  }

  /** Waits for work. If the scope is cancelled first, the work is cancelled and left. */
  async run<T>(start: () => Work<T>): Promise<T> {
    this.check();
    const work = start();
    return new Promise<T>((resolve, reject) => {
      const part = {
        cancel: (reason: string) => {
          this.parts.delete(part);
          reject(new Cancelled(reason));
          work.cancel();
        },
      };
      const ended =
        <Value>(settle: (value: Value) => void) =>
        (value: Value) => {
          this.parts.delete(part);
          settle(value);
        };
      this.parts.add(part);
      work.result.then(ended(resolve), ended(reject));
    });
  }

  /**
   * Waits for work that may have an effect. If the scope is cancelled, no further attempt starts,
   * but one that is under way is waited for: its outcome has to be known.
   */
  async finish<T>(start: () => Work<T>): Promise<T> {
    this.check();
    const work = start();
    const part = { cancel: () => work.cancel() };
    this.parts.add(part);
    try {
      return await work.result;
    } catch (error) {
      this.check();
      throw error;
    } finally {
      this.parts.delete(part);
    }
  }
}

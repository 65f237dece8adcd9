/** The most tokens that one request may carry. */
const MOST = 50;

/** Remembers what a client has written, so that its lists show it. */
export class WrittenRevisions {
  private readonly tokens = new Map<string, string>();

  /** Remembers the token of an answer: `account-default.alice@17`. */
  add(token: string | null | undefined): void {
    const stream = token?.slice(0, token.lastIndexOf('@'));
    if (!token || !stream) return;
    this.tokens.delete(stream);
    this.tokens.set(stream, token);
    const [oldest = ''] = this.tokens.keys();
    if (this.tokens.size > MOST) this.tokens.delete(oldest);
  }

  /** The header that asks a list for them, and for more; undefined if there are none. */
  header(more: readonly string[] = []): string | undefined {
    const all = new Set([...more, ...[...this.tokens.values()].toReversed()]);
    return all.size === 0 ? undefined : [...all].slice(0, MOST).join(',');
  }
}

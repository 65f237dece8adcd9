import { setTimeout as pause } from 'node:timers/promises';
import { authorized } from '#libs/testing/authorized.js';

/** An event of a feed. */
export interface Heard {
  readonly id: string;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/**
 * Listens to a feed like a browser: whatever ends the connection, it reconnects with the last id.
 */
export class EventSource {
  readonly heard: Heard[] = [];
  /** Number of connections so far. */
  connections = 0;
  private lastId: string | undefined;
  private readonly stopping = new AbortController();
  private readonly listening: Promise<void>;

  constructor(
    private readonly url: string,
    private readonly headers: Readonly<Record<string, string>> = {},
  ) {
    this.listening = this.listen();
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.listening;
  }

  private async listen(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.connect(signal).catch(() => undefined);
      await pause(100, undefined, { signal }).catch(() => undefined);
    }
  }

  private async connect(signal: AbortSignal): Promise<void> {
    const headers = {
      ...authorized(),
      ...this.headers,
      accept: 'text/event-stream',
      ...(this.lastId !== undefined && { 'last-event-id': this.lastId }),
    };
    const response = await fetch(this.url, { headers, signal });
    if (response.status !== 200 || !response.body) return;
    this.connections += 1;
    let text = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const blocks = (text + chunk).split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) this.take(block);
    }
  }

  private take(block: string): void {
    const fields = new Map(block.split('\n').map((line) => line.split(/: ?(.*)/, 2) as [string, string]));
    this.lastId = fields.get('id') ?? this.lastId;
    const data = fields.get('data');
    if (data === undefined) return;
    this.heard.push({
      id: this.lastId ?? '',
      event: fields.get('event') ?? 'message',
      data: JSON.parse(data) as Record<string, unknown>,
    });
  }
}

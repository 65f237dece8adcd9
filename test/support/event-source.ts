import { Connection, type Fetch } from '#libs/client/connection.js';
import { follow } from '#libs/client/follow.js';
import { authorized } from '#libs/testing/authorized.js';

/** An event of a feed. */
export interface Heard {
  readonly id: string;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/**
 * Listens to a feed with the client: whatever ends the connection, it reconnects with the last id.
 */
export class EventSource {
  readonly heard: Heard[] = [];
  /** Number of connections so far. */
  connections = 0;
  private readonly stopping = new AbortController();
  private readonly listening: Promise<void>;

  constructor(url: string, who: Readonly<Record<string, string>> = authorized()) {
    const asking: Fetch = (address, { headers, ...init }) =>
      fetch(address, { ...init, headers: { ...headers, ...who } });
    const retries = { mostMilliseconds: 1_000 };
    this.listening = this.listen(new Connection({ url, retries, fetch: asking }));
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.listening;
  }

  private async listen(connection: Connection): Promise<void> {
    const onConnection = (isConnected: boolean) => {
      if (isConnected) this.connections += 1;
    };
    const { signal } = this.stopping;
    for await (const { data, ...message } of follow(connection, '', { signal, onConnection })) {
      this.heard.push({ ...message, data: JSON.parse(data) as Record<string, unknown> });
    }
  }
}

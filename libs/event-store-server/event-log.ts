import { EventEmitter, once } from 'node:events';
import type { Logger } from '#libs/observability/logger.js';
import { LogReader } from './log-reader.js';
import { LogWriter } from './log-writer.js';
import type { AppendRequest, AppendResult } from './stored-event.js';

/** All events of the store: one writer, many readers, and a bell that rings when something was appended. */
export class EventLog {
  readonly reader: LogReader;
  private readonly writer: LogWriter;
  private readonly bell = new EventEmitter().setMaxListeners(0);

  constructor(databaseUrl: string, logger: Logger) {
    this.reader = new LogReader(databaseUrl);
    this.writer = new LogWriter(databaseUrl, logger, () => this.bell.emit('appended'));
  }

  open(): Promise<void> {
    return this.writer.open();
  }

  /** Position of the last committed event. */
  get head(): bigint {
    return this.writer.head;
  }

  get isConnected(): boolean {
    return this.writer.isConnected;
  }

  append(request: AppendRequest): Promise<AppendResult> {
    return this.writer.append(request);
  }

  /** Resolves when `$all` has grown beyond `position`, or when the signal says so. */
  async waitBeyond(position: bigint, signal: AbortSignal): Promise<void> {
    while (this.head <= position && !signal.aborted) {
      await once(this.bell, 'appended', { signal }).catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.writer.close(), this.reader.close()]);
  }
}

import { randomUUID } from 'node:crypto';
import type { Logger } from '#libs/runtime/logger.js';
import { type Bell, Bells } from './bell.js';
import type { Row } from './commit.js';
import { Eraser, type EraserSettings } from './eraser.js';
import { EventStoreServerError } from './event-store-server.errors.js';
import { LogReader } from './log-reader.js';
import { LogWriter } from './log-writer.js';
import { isMetadataStream, metadataStreamOf } from './stream-metadata.js';
import { LAST_REVISION, NOTHING } from './stored-event.js';
import { stateKeyOf, type StreamState, type StreamView, viewOf } from './stream-state.js';
import type { WriteRequest, WriteResult } from './write-request.js';

export interface EventLogOptions {
  readonly databaseUrl: string;
  readonly logger: Logger;
  readonly eraser: EraserSettings;
  /** Called when another server has taken over the database. This server must then end. */
  readonly onUsurped: (error: EventStoreServerError) => void;
}

/** All events of the store: one writer, many readers, and bells that signal new events. */
export class EventLog {
  readonly reader: LogReader;
  private readonly writer: LogWriter;
  private readonly bells = new Bells();
  private readonly eraser: Eraser;

  constructor({ databaseUrl, logger, eraser, onUsurped }: EventLogOptions) {
    const onCommitted = (events?: readonly Row[]): void => this.ring(events);
    this.reader = new LogReader(databaseUrl, logger);
    this.writer = new LogWriter(databaseUrl, logger, { onCommitted, onUsurped });
    this.eraser = new Eraser(databaseUrl, logger, eraser);
  }

  /**
   * Takes over the database. As in the real server, the first event of a new log is one of its own.
   */
  async open(): Promise<void> {
    await this.writer.open().catch((error: unknown) => {
      if (error instanceof EventStoreServerError) throw error;
      throw new EventStoreServerError(`the database is unusable: ${(error as Error).message}`, {
        cause: error,
      });
    });
    if (this.head === 0n) await this.write({ kind: 'append', expected: 'any', ...BIRTH });
    this.eraser.soon();
  }

  /** Position of the last committed event. */
  get head(): bigint {
    return this.writer.head;
  }

  get isConnected(): boolean {
    return this.writer.isConnected;
  }

  write(request: WriteRequest): Promise<WriteResult> {
    return this.writer.write(request);
  }

  /** The current state of each stream. */
  async views(streams: readonly string[]): Promise<Map<string, StreamView>> {
    const views = new Map<string, StreamView>();
    for (const stream of streams) {
      const known = this.writer.states.view(stream);
      if (known) views.set(stream, known);
    }
    const missing = streams.filter((stream) => !views.has(stream));
    if (missing.length === 0) return views;
    const states = await this.reader.states([...new Set(missing.map(stateKeyOf))]);
    for (const stream of missing)
      views.set(stream, viewOf(stream, states.get(stateKeyOf(stream)) as StreamState));
    return views;
  }

  async view(stream: string): Promise<StreamView> {
    const views = await this.views([stream]);
    return views.get(stream) as StreamView;
  }

  /** Signals new events of the stream, or of any stream. The caller must close the bell. */
  listen(stream: string | undefined): Bell {
    return this.bells.add(stream);
  }

  hangUp(stream: string | undefined, bell: Bell): void {
    this.bells.remove(stream, bell);
  }

  async close(): Promise<void> {
    await this.eraser.close();
    await Promise.all([this.writer.close(), this.reader.close()]);
  }

  private ring(events: readonly Row[] | undefined): void {
    if (!events) {
      this.bells.ringAll();
      return;
    }
    const streams = new Set<string>();
    for (const { stream, revision } of events) {
      streams.add(stream);
      // Ends together with the stream.
      if (revision === LAST_REVISION) streams.add(metadataStreamOf(stream));
    }
    this.bells.ring(streams);
    if ([...streams].some(isMetadataStream)) this.eraser.soon();
  }
}

const BIRTH = {
  stream: '$server',
  events: [
    {
      id: randomUUID(),
      type: '$created',
      isJson: true,
      data: Buffer.from('{}'),
      metadata: NOTHING,
    },
  ],
};

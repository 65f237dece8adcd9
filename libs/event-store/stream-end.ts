import type { EventStore, RecordedEvent } from './event-store.js';

type Reader = Pick<EventStore, 'read'>;

/** The last event of a stream, or undefined if there is no such stream. */
export async function lastEvent(store: Reader, stream: string): Promise<RecordedEvent | undefined> {
  for await (const event of store.read(stream, { direction: 'backwards', limit: 1 })) return event;
  return undefined;
}

/** The revision of a stream's last event, or -1 if there is no such stream. */
export async function lastRevision(store: Reader, stream: string): Promise<number> {
  return (await lastEvent(store, stream))?.revision ?? -1;
}

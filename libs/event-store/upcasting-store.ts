import { parseStreamName } from '#libs/core/entity-id.js';
import { currentVersion, upcast, type Upcasts } from '#libs/core/upcast.js';
import type {
  EventStore,
  ReadAllOptions,
  ReadOptions,
  RecordedEvent,
  SubscribeOptions,
} from './event-store.js';

/**
 * The same store, read through the upcasts of each category: every event has its current version.
 * Stored events do not change. Reading throws `UnknownVersionError` for an event written by newer
 * code.
 */
export function upcastingStore(store: EventStore, byCategory: Readonly<Record<string, Upcasts>>): EventStore {
  const current = (event: RecordedEvent): RecordedEvent => {
    const category = parseStreamName(event.stream)?.category ?? '';
    if (!Object.hasOwn(byCategory, category)) return event;
    const upcasts = byCategory[category];
    const { metadata, type } = event;
    const schemaVersion = currentVersion(upcasts, type);
    return { ...upcast(upcasts, event, metadata.schemaVersion), metadata: { ...metadata, schemaVersion } };
  };
  return {
    append: (...given) => store.append(...given),
    async *read(stream: string, options?: ReadOptions) {
      for await (const event of store.read(stream, options)) yield current(event);
    },
    async readAll(options: ReadAllOptions) {
      const page = await store.readAll(options);
      return { ...page, events: page.events.map(current) };
    },
    async *subscribe(options: SubscribeOptions) {
      for await (const message of store.subscribe(options)) {
        yield message.kind === 'event' ? { ...message, event: current(message.event) } : message;
      }
    },
    keepLast: (...given) => store.keepLast(...given),
    lastPosition: () => store.lastPosition(),
    isReachable: () => store.isReachable(),
    close: () => store.close(),
  };
}

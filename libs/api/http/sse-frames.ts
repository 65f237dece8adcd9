import type { RecordedEvent } from '#libs/event-store/event-store.js';
import type { Feed } from '#libs/event-store/feeds/event-feeds.js';
import { toEventBody } from '../entities/event-body.js';
import type { PersonalMask } from '../entities/personal-mask.js';

/** How long a client waits before it reconnects, in milliseconds. */
const RETRY_MILLISECONDS = 2_000;

/** An event may have a thousand listeners, so its JSON is written once. */
const written = new WeakMap<RecordedEvent, string>();
const writtenMasked = new WeakMap<RecordedEvent, string>();

/**
 * The id of the place before the first event. Event numbers start at 0, so no number can express
 * it.
 */
const START = 'start';

/**
 * Formats a feed as server-sent events. For an empty batch it sends only an id, which keeps the
 * connection alive and updates the place from which the client resumes.
 */
export async function* sseFrames(feed: Feed, mask?: PersonalMask): AsyncGenerator<string> {
  yield `retry: ${RETRY_MILLISECONDS}\n\n`;
  for await (const { events, at } of feed.batches) {
    if (events.length === 0) yield `: still here\nid: ${at < 0n ? START : at}\n\n`;
    else yield events.map((event) => `id: ${feed.idOf(event)}\n${textOf(event, mask)}\n`).join('');
  }
}

function textOf(event: RecordedEvent, mask: PersonalMask | undefined): string {
  const texts = mask ? writtenMasked : written;
  const known = texts.get(event);
  if (known !== undefined) return known;
  const shown = mask?.event(event) ?? event;
  // Other programs may write to the store too. A line break in an event type must not end the line.
  const text = `event: ${event.type.replaceAll(/[\r\n]/g, ' ')}\ndata: ${JSON.stringify(toEventBody(shown))}\n`;
  texts.set(event, text);
  return text;
}

import type { RecordedEvent } from '#libs/event-store/event-store.js';
import type { Feed } from '#libs/event-store/feeds/event-feeds.js';
import { toEventBody } from '../entities/event-body.js';

/** What a client waits before it connects again, in milliseconds. */
const RETRY_MILLISECONDS = 2_000;

/** A thousand listeners are told of one event: it is written as JSON once. */
const written = new WeakMap<RecordedEvent, string>();

/** The place before every event, as a client sends it back: no number of an event is below 0. */
const START = 'start';

/** A feed as server-sent events. An empty batch becomes an id alone: it keeps the connection alive, and the place. */
export async function* sseFrames(feed: Feed): AsyncGenerator<string> {
  yield `retry: ${RETRY_MILLISECONDS}\n\n`;
  for await (const { events, at } of feed.batches) {
    if (events.length === 0) yield `: still here\nid: ${at < 0n ? START : at}\n\n`;
    else yield events.map((event) => `id: ${feed.idOf(event)}\n${textOf(event)}\n`).join('');
  }
}

function textOf(event: RecordedEvent): string {
  const known = written.get(event);
  if (known !== undefined) return known;
  // Others may write to the store too: a type of theirs must not break out of its line.
  const text = `event: ${event.type.replaceAll(/[\r\n]/g, ' ')}\ndata: ${JSON.stringify(toEventBody(event))}\n`;
  written.set(event, text);
  return text;
}

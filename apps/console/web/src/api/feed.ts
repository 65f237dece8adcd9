import { useEffect, useEffectEvent, useState } from 'react';
import { Problem, problemOf, reach } from './http.js';

/** A server-sent event. */
export interface FeedEvent {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

export type FeedState = 'connecting' | 'live' | 'away' | 'forbidden' | 'ended';

const PAUSE_MILLISECONDS = 2_000;

/**
 * Listens to a feed as long as the page is shown, and resumes where it was cut off. Not by
 * `EventSource`, which sends no token.
 */
export function useFeed(
  path: string | undefined,
  after: string,
  onEvent: (event: FeedEvent) => void,
): FeedState {
  const [state, setState] = useState<FeedState>('connecting');
  const listener = useEffectEvent(onEvent);
  const start = useEffectEvent(() => after);
  useEffect(() => {
    if (path === undefined) return undefined;
    const stop = new AbortController();
    void follow(path, start(), stop.signal, setState, (event) => listener(event));
    return () => stop.abort();
  }, [path]);
  return state;
}

async function follow(
  path: string,
  after: string,
  signal: AbortSignal,
  say: (state: FeedState) => void,
  onEvent: (event: FeedEvent) => void,
): Promise<void> {
  let last = after;
  say('connecting');
  while (!signal.aborted) {
    try {
      const headers = { accept: 'text/event-stream', ...(last !== '' && { 'last-event-id': last }) };
      const reply = await reach(path, { headers, signal });
      if (reply.status === 204) return say('ended');
      if (!reply.ok) throw await problemOf(reply);
      say('live');
      for await (const event of eventsOf(reply)) {
        if (event.id !== '') last = event.id;
        if (event.data !== undefined) onEvent(event);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Problem && !error.isAway) return say('forbidden');
      say('away');
    }
    await pause(PAUSE_MILLISECONDS, signal);
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

async function* eventsOf({ body }: Response): AsyncGenerator<FeedEvent> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  let buffered = '';
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: '' };
    if (done) return;
    const frames = (buffered + value).split('\n\n');
    buffered = frames.pop() ?? '';
    for (const frame of frames) yield parseFrame(frame);
  }
}

/** Reads one frame of a feed. A comment has no data. */
export function parseFrame(frame: string): FeedEvent {
  const fields: Record<string, string> = {};
  for (const line of frame.split('\n')) {
    const [, name, value] = /^([a-z]+): ?(.*)$/.exec(line) ?? [];
    if (name !== undefined) fields[name] = (fields[name] === undefined ? '' : `${fields[name]}\n`) + value;
  }
  const { id = '', event = 'message', data } = fields;
  return { id, event, data: data === undefined ? undefined : (JSON.parse(data) as unknown) };
}

import { useSyncExternalStore } from 'react';
import { duration, relative } from './durations.js';

let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const one of listeners) one();
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time, updated each second. All times on a page move together. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

/** The exact time, in the zone of the reader, and in UTC. */
export function exact(at: string): string {
  return `${new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'long' })} (${at})`;
}

/** A time, relative to now. The exact one is shown on hover. */
export function Time({ at }: { readonly at: string }) {
  const now = useNow();
  const time = Date.parse(at);
  if (Number.isNaN(time)) return <span>{at}</span>;
  return (
    <time dateTime={at} title={exact(at)}>
      {relative(time, now)}
    </time>
  );
}

const TIMES = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/;

/** A sentence whose times are shown as the reader writes them. The exact ones are shown on hover. */
export function Sentence({ text }: { readonly text: string }) {
  const parts = text.split(TIMES);
  return parts.map((part, index) =>
    TIMES.test(part) ? (
      // oxlint-disable-next-line react/no-array-index-key -- parts of one text
      <time key={index} dateTime={part} title={exact(part)}>
        {new Date(part).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })}
      </time>
    ) : (
      part
    ),
  );
}

/** How old something is that was read at a time of this machine. */
export function Age({ at }: { readonly at: number }) {
  const now = useNow();
  if (at === 0) return null;
  const seconds = Math.max(0, Math.floor((now - at) / 1_000));
  return (
    <span className="age" title={`Read at ${new Date(at).toLocaleTimeString()}`}>
      {seconds < 2 ? 'now' : `${duration(seconds * 1_000)} old`}
    </span>
  );
}

import { useSyncExternalStore } from 'react';

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

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

/** `1 min 20 s` or `3 d 4 h`: two units are enough. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  let rest = Math.floor(milliseconds / 1_000);
  const parts: string[] = [];
  for (const [unit, seconds] of UNITS) {
    const count = Math.floor(rest / seconds);
    if (count === 0) {
      if (parts.length > 0) break;
      continue;
    }
    parts.push(`${count} ${unit}`);
    rest -= count * seconds;
    if (parts.length === 2) break;
  }
  return parts.join(' ');
}

/** `2 min ago`, `in 3 h`, `just now`. */
function relative(at: number, from: number): string {
  const apart = from - at;
  if (Math.abs(apart) < 2_000) return 'just now';
  const [text = ''] = /^\d+ [a-z]+/.exec(duration(Math.abs(apart))) ?? [];
  return apart > 0 ? `${text} ago` : `in ${text}`;
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

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

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

/** `2 min ago`, `in 3 h 20 min`, `just now`: what is to come is told more exactly. */
export function relative(at: number, from: number): string {
  const apart = from - at;
  if (Math.abs(apart) < 2_000) return 'just now';
  const text = duration(Math.abs(apart));
  if (apart < 0) return `in ${text}`;
  return `${/^\d+ [a-z]+/.exec(text)?.[0] ?? text} ago`;
}

/** A stretch of time between two moments, and where it is drawn. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly left: number;
  readonly width: number;
  /** Nothing happens in it, and it is long: it is drawn shorter than it was. */
  readonly isQuiet: boolean;
}

/** Where times are on an axis whose quiet gaps are collapsed. */
export interface TimeScale {
  readonly width: number;
  readonly gaps: readonly Stretch[];
  /** Pixels from the left. */
  place(time: number): number;
}

const GAP_PIXELS = 44;
/** A gap is quiet if it is this many times as long as the shorter ones are on average, ... */
const QUIET_FACTOR = 6;
/** ... and at least this long. */
const QUIET_MILLISECONDS = 1_000;

/** Makes a scale for moments in milliseconds, about as wide as asked. */
export function timeScale(times: readonly number[], pixels: number): TimeScale {
  const moments = [...new Set(times)].sort((a, b) => a - b);
  const lengths = moments.slice(1).map((moment, index) => moment - (moments[index] ?? moment));
  const limit = Math.max(QUIET_MILLISECONDS, quietLimit(lengths));
  const busy = lengths.filter((length) => length <= limit).reduce((sum, length) => sum + length, 0);
  const quietCount = lengths.filter((length) => length > limit).length;
  const perMillisecond = Math.max(pixels - quietCount * GAP_PIXELS, pixels / 3) / Math.max(1, busy);
  const stretches: Stretch[] = [];
  let left = 0;
  lengths.forEach((length, index) => {
    const from = moments[index] ?? 0;
    const isQuiet = length > limit;
    const width = isQuiet ? GAP_PIXELS : length * perMillisecond;
    stretches.push({ from, to: from + length, left, width, isQuiet });
    left += width;
  });
  return {
    width: left,
    gaps: stretches.filter(({ isQuiet }) => isQuiet),
    place: (time) => placeIn(stretches, time),
  };
}

/** The longest gap that is not quiet: gaps are taken from the shortest on, until one stands out. */
function quietLimit(lengths: readonly number[]): number {
  const sorted = [...lengths].sort((a, b) => a - b);
  let sum = 0;
  for (const [index, length] of sorted.entries()) {
    const isFewYet = index < Math.min(2, sorted.length - 1);
    if (!isFewYet && length > (QUIET_FACTOR * sum) / Math.max(1, index)) return sorted[index - 1] ?? length;
    sum += length;
  }
  return sorted.at(-1) ?? 0;
}

function placeIn(stretches: readonly Stretch[], time: number): number {
  const first = stretches[0];
  if (!first || time <= first.from) return 0;
  const within = stretches.find(({ to }) => time <= to);
  if (!within) return stretches.reduce((sum, { width }) => sum + width, 0);
  return within.left + (within.width * (time - within.from)) / Math.max(1, within.to - within.from);
}

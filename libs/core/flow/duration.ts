const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DURATION = /^(\d{1,9})(ms|s|m|h|d)$/;

/**
 * A length of time: milliseconds, or a whole number with a unit such as `500ms`, `30s` or `24h`.
 */
export type Duration = number | `${number}${keyof typeof UNITS}` | (string & {});

/** The milliseconds of a duration. Throws `RangeError` if it is none, or negative. */
export function millisecondsIn(duration: Duration): number {
  const [, amount, unit] = DURATION.exec(String(duration)) ?? [];
  const milliseconds =
    typeof duration === 'number' ? duration : Number(amount) * UNITS[unit as keyof typeof UNITS];
  if (!Number.isFinite(milliseconds) || milliseconds < 0) {
    throw new RangeError(`${duration} is not a duration such as 30s or 24h`);
  }
  return milliseconds;
}

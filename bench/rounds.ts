import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';

/** Measures once. */
export type Measure<T = number> = () => Promise<T>;

/** What both sides of a ratio reached, round by round. */
export interface Pair {
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
  readonly ratios: readonly number[];
}

/** The value below which a share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Median, and in brackets the range. */
export function summary(values: readonly number[], digits = 0): string {
  const [low, middle, high] = [0, 0.5, 1].map((share) =>
    quantile(values, share).toLocaleString('en', { maximumFractionDigits: digits }),
  );
  return `${middle} (${low}–${high})`;
}

/**
 * Runs both alternately, swapping the order each round, after a warm-up of each that does not
 * count.
 */
export async function interleave<T>(
  rounds: number,
  ours: Measure<T>,
  theirs: Measure<T>,
): Promise<[T[], T[]]> {
  const results: [T[], T[]] = [[], []];
  await ours();
  await theirs();
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) results[0].push(await ours());
    results[1].push(await theirs());
    if (round % 2 === 1) results[0].push(await ours());
  }
  return results;
}

/** Both sides of a ratio, interleaved. */
export async function compared(rounds: number, ours: Measure, theirs: Measure): Promise<Pair> {
  const [our, their] = await interleave(rounds, ours, theirs);
  const ratios = our.map((value, round) => value / (their[round] ?? Number.NaN));
  return { ours: our, theirs: their, ratios };
}

/** The commit that is measured, also if it is not the last word of the files. */
export function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim();
  } catch {
    return 'no commit'; // not a checkout
  }
}

/** Where it is measured. */
export function machine(): string {
  return `${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
}

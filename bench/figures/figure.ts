import type { BenchStack } from '../bench-stack.js';
import type { Pair } from '../rounds.js';

export interface Effort {
  readonly rounds: number;
  /** 1 is the measurement; less only shows that it runs. */
  readonly scale: number;
}

/** One line of the table. */
export interface Result extends Partial<Omit<Pair, 'ours'>> {
  readonly name: string;
  readonly ours: Pair['ours'];
  readonly unit: string;
  /** What to reach, of the ratio or, without one, of our value. */
  readonly goal?: string;
}

/** A figure that `npm run bench` prints. */
export interface Figure {
  readonly id: string;
  readonly title: string;
  measure(stack: BenchStack, effort: Effort): Promise<readonly Result[]>;
}

/** A share of a count, at least 1. */
export function scaled(count: number, { scale }: Effort): number {
  return Math.max(1, Math.round(count * scale));
}

/** A bug to plant, and the test of `npm test` that has to turn red. */
export interface Mutant {
  readonly id: string;
  /** What is wrong, as one sentence. */
  readonly bug: string;
  /** The source file. */
  readonly file: string;
  /** Text that the file contains exactly once. */
  readonly replace: string;
  readonly by: string;
  /** The test file. */
  readonly spec: string;
  /** Part of the full name of the test in it. */
  readonly test: string;
  /** For a test that draws at random: the seed with which it finds the bug. */
  readonly seed?: number;
}

const projects = ['workflow', 'store', 'integration', 'e2e', 'chaos'] as const;

/** The jest project that a test file belongs to. */
export type Project = 'unit' | (typeof projects)[number];

export function projectOf({ spec }: Mutant): Project {
  return projects.find((name) => spec.startsWith(`test/${name}/`)) ?? 'unit';
}

/** Why the bug cannot be planted in this source, if so. */
export function whyStale({ id, file, replace, by }: Mutant, source: string): string | undefined {
  const found = source.split(replace).length - 1;
  if (replace === by) return `${id} changes nothing`;
  return found === 1 ? undefined : `${id} is stale: ${file} contains its text ${found} times, not once`;
}

/** The source with the bug in it. */
export function withBug({ replace, by }: Mutant, source: string): string {
  return source.replace(replace, () => by);
}

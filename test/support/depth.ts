import type { Stage } from '#libs/testing/stage.js';
import { printedSeed } from './seeded-random.js';

/** `npm run test:long` runs everything; `npm test` runs a part of it, chosen by the seed. */
export const isLong = process.env['TEST_DEPTH'] === 'long';

/** The amounts, by the variable that sets them. */
const depths = {
  /** Commands sent, and kills of each role and of each server in the meantime. */
  CHAOS_COMMANDS: { short: 1_000, long: 10_000 },
  CHAOS_KILLS: { short: 1, long: 20 },
  CHAOS_SERVER_KILLS: { short: 0, long: 2 },
  /** Requests made from the OpenAPI document. */
  FUZZ_CASES: { short: 600, long: 10_000 },
  /** Kills of the event store under 64 writers, and events written under a limit of memory. */
  STORE_KILLS: { short: 3, long: 20 },
  STORE_EVENTS: { short: 20_000, long: 200_000 },
  /**
   * Commands from Kafka that are all rejected, and whose outcomes exceed what a topic accepts at
   * once.
   */
  BACKLOG: { short: 10_000, long: 25_000 },
  /** Repeated kills of the same process. */
  KILLS: { short: 1, long: 3 },
  /** Examples of each property of rules, and rounds of shopping by many in memory. */
  PROPERTY_RUNS: { short: 60, long: 1_000 },
  SHOPPING_ROUNDS: { short: 5, long: 50 },
  /** How often a relay or a projector is killed at any moment, while the next one resumes. */
  RESTARTS: { short: 3, long: 8 },
} as const;

/** The amount for this run. */
export function depthOf(name: keyof typeof depths): number {
  const { short, long } = depths[name];
  return Number(process.env[name] ?? (isLong ? long : short));
}

/** Chooses one place of a list in `share`, by the seed. A long run chooses all. */
export function placesChosen(share: number): (place: number) => boolean {
  if (isLong) return () => true;
  const seed = printedSeed();
  return (place) => (place + seed) % share === 0;
}

/**
 * Chooses cells of a matrix, one in `share`, so that each row and each column has some of them, if
 * it has as many. A long run chooses all.
 */
export function cellsChosen(share: number): (row: number, column: number) => boolean {
  const isChosen = placesChosen(share);
  return (row, column) => isChosen(row + column);
}

/**
 * A stage on servers for `npm test`: one in three scenarios, chosen by the seed. All of them run in
 * memory, and on every stage in a long run.
 */
export function withSomeScenarios(stage: Stage): Stage {
  return { ...stage, isChosen: placesChosen(3) };
}

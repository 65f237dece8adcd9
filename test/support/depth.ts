import { createHash } from 'node:crypto';
import type { Stage } from '#libs/testing/stage.js';
import { printedSeed, seededRandom } from './seeded-random.js';

/** `npm run test:long` runs everything; `npm test` runs a part of it, chosen by the seed. */
export const isLong = process.env['TEST_DEPTH'] === 'long';

/** The amounts, by the variable that sets them. */
const depths = {
  /** Commands sent, and kills of each role and of each server in the meantime. */
  CHAOS_COMMANDS: { short: 600, long: 10_000 },
  CHAOS_KILLS: { short: 1, long: 20 },
  CHAOS_SERVER_KILLS: { short: 0, long: 2 },
  /** Requests made from the OpenAPI document. */
  FUZZ_CASES: { short: 200, long: 10_000 },
  /** Kills of the event store under 64 writers, and events written under a limit of memory. */
  STORE_KILLS: { short: 3, long: 20 },
  STORE_EVENTS: { short: 10_000, long: 200_000 },
  /**
   * Commands from Kafka that are all rejected, and whose outcomes exceed what a topic accepts at
   * once.
   */
  BACKLOG: { short: 10_000, long: 25_000 },
  /** Repeated kills of the same process. */
  KILLS: { short: 1, long: 3 },
  /** Examples of each property of rules, and rounds of shopping by many in memory. */
  PROPERTY_RUNS: { short: 40, long: 1_000 },
  SHOPPING_ROUNDS: { short: 3, long: 50 },
  /** Card payments that sleep, and messages to reminders, while everything is killed. */
  FLOWS: { short: 24, long: 1_000 },
  /** Approvals, and webhooks for those who wait, while everything is killed. */
  DESK: { short: 20, long: 1_000 },
  /** How often a relay or a projector is killed at any moment, while the next one resumes. */
  RESTARTS: { short: 3, long: 8 },
  /** Flows that are open when Temporal is emptied, and how often it is. */
  LOST_FLOWS: { short: 5, long: 100 },
  TEMPORAL_LOSSES: { short: 1, long: 2 },
  /** Rows of an import, of each item, and how often their workers are killed meanwhile. */
  IMPORT_ROWS: { short: 5_000, long: 100_000 },
  IMPORT_ROWS_AN_ITEM: { short: 200, long: 500 },
  IMPORT_KILLS: { short: 0, long: 5 },
  /** Accounts that get interest, and how often their service is killed meanwhile. */
  INTEREST_ACCOUNTS: { short: 40, long: 10_000 },
  INTEREST_KILLS: { short: 1, long: 5 },
} as const;

/** The amount for this run. */
export function depthOf(name: keyof typeof depths): number {
  const { short, long } = depths[name];
  return Number(process.env[name] ?? (isLong ? long : short));
}

/**
 * Chooses one in `share` successive places of a list, by the seed and the name of the choice. A
 * long run chooses all.
 */
export function placesChosen(name: string, share: number): (place: number) => boolean {
  if (isLong) return () => true;
  const numberOf = shuffledNumbers(name, share);
  return (place) => numberOf(place) === 0;
}

/**
 * Chooses cells of a matrix, by the seed and the name of the choice: one in `share` successive
 * cells of each row and of each column. A long run chooses all.
 */
export function cellsChosen(name: string, share: number): (row: number, column: number) => boolean {
  if (isLong) return () => true;
  const ofRow = shuffledNumbers(`${name}, rows`, share);
  const ofColumn = shuffledNumbers(`${name}, columns`, share);
  return (row, column) => (ofRow(row) + ofColumn(column)) % share === 0;
}

/**
 * Gives each place of a list a number below `count`. Of `count` successive places, counted from the
 * start, each has another number, in an order drawn from the seed and the name.
 */
function shuffledNumbers(name: string, count: number): (place: number) => number {
  const seed = createHash('sha256').update(`${printedSeed()} ${name}`).digest().readUInt32BE();
  const random = seededRandom(seed);
  const orders: number[][] = [];
  return (place) => {
    const turn = Math.floor(place / count);
    while (orders.length <= turn) orders.push(shuffled(count, random));
    return orders[turn]?.[place % count] ?? 0;
  };
}

function shuffled(count: number, random: () => number): number[] {
  const left = Array.from({ length: count }, (_, number) => number);
  return Array.from({ length: count }, () => left.splice(Math.floor(random() * left.length), 1)[0] ?? 0);
}

/**
 * A stage on servers for `npm test`: one in five scenarios, chosen by the seed and the name of the
 * stage. All of them run in memory, and on every stage in a long run.
 */
export function withSomeScenarios(name: string, stage: Stage): Stage {
  return { ...stage, isChosen: placesChosen(name, 5) };
}

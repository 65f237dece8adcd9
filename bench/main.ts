// npm run bench -- [figures, such as p5] [--rounds n] [--scale n] [--json file]
//
// Each figure is a ratio of two sides that take turns on the same servers. Nothing is asserted.
import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { startBenchStack } from './bench-stack.js';
import type { Figure, Result } from './figures/figure.js';
import { purchases } from './figures/purchases.js';
import { hotSignals, spreadSignals, spreadUpdates, waitingTime } from './figures/rates.js';
import { writesPerCommand } from './figures/writes.js';
import { commit, machine, summary } from './rounds.js';

const FIGURES: readonly Figure[] = [
  spreadSignals,
  hotSignals,
  waitingTime,
  writesPerCommand,
  purchases,
  spreadUpdates,
];

interface Options {
  readonly rounds: string;
  readonly scale: string;
  readonly json?: string;
}

/** Enough digits for three figures that count. */
function digitsOf(values: readonly number[]): number {
  const largest = Math.max(...values);
  return largest >= 100 ? 0 : largest >= 1 ? 2 : 3;
}

function lineOf({ name, ours, theirs, ratios, unit, goal }: Result): string {
  const shown = (values: readonly number[]): string => `${summary(values, digitsOf(values))}${unit}`;
  const other = theirs ? ` ÷ ${shown(theirs)}` : '';
  const ratio = ratios ? ` = ${summary(ratios, 2)}` : '';
  return `  ${name}: ${shown(ours)}${other}${ratio}${goal === undefined ? '' : `; goal ${goal}`}`;
}

async function run(ids: readonly string[], { rounds, scale, json }: Options): Promise<void> {
  const unknown = ids.find((id) => !FIGURES.some((figure) => figure.id === id));
  if (unknown !== undefined) {
    throw new RangeError(`no figure ${unknown}: choose of ${FIGURES.map(({ id }) => id).join(', ')}`);
  }
  const effort = { rounds: Number(rounds), scale: Number(scale) };
  const where = { machine: machine(), node: process.version, commit: commit(), at: new Date().toISOString() };
  console.log(`${where.machine}, Node ${where.node}, ${where.commit}, ${where.at}`);
  console.log(`${rounds} rounds; median (range)`);
  const chosen = ids.length === 0 ? FIGURES : FIGURES.filter(({ id }) => ids.includes(id));
  const measured: object[] = [];
  const stack = await startBenchStack();
  try {
    for (const { id, title, measure } of chosen) {
      console.log(`${id}: ${title}`);
      const results = await measure(stack, effort);
      for (const result of results) console.log(lineOf(result));
      measured.push({ id, title, results });
    }
  } finally {
    await stack.stop();
  }
  if (json !== undefined)
    writeFileSync(json, `${JSON.stringify({ ...where, ...effort, measured }, null, 2)}\n`);
}

const program = new Command('bench')
  .description('Measure what a command costs, as ratios to the least that the servers can do')
  .argument('[figures...]', `some of ${FIGURES.map(({ id }) => id).join(', ')} (default: all)`)
  .option('--rounds <n>', 'how often each side is measured', '5')
  .option('--scale <n>', 'how much of the load, up to 1', '1')
  .option('--json <file>', 'where to write all values')
  .action(run);

await program.parseAsync();

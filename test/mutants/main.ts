import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { closeStack, openServers } from '#tools/dev-stack/test-stack.js';
import { mutants } from './mutants.js';
import { type Mutant, type Project, projectOf, whyStale } from './mutant.js';
import { runSpecs } from './run-specs.js';
import { ScratchTree } from './scratch-tree.js';

/** Cheap tests first. */
const order: readonly Project[] = ['unit', 'workflow', 'store', 'integration', 'e2e', 'chaos'];

/** The result for a bug. */
interface Finding {
  readonly mutant: Mutant;
  /** The test that turned red, unless the bug was missed. */
  readonly red?: string;
  readonly missed?: string;
  readonly seconds: number;
}

/**
 * `npm run test:mutants`: plants one bug at a time in a copy of the project, and expects the test
 * that is named for it to turn red. Arguments select the bugs whose id, file or test contains one
 * of them, or whose test belongs to the project of that name.
 */
async function main(root: string, words: readonly string[]): Promise<void> {
  const selected = mutants.filter(
    (mutant) => words.length === 0 || words.some((word) => isAbout(word, mutant)),
  );
  const stale = selected.flatMap(
    (mutant) => whyStale(mutant, readFileSync(join(root, mutant.file), 'utf8')) ?? [],
  );
  if (stale.length > 0) throw new Error(stale.join('\n'));
  const tree = new ScratchTree(root);
  const findings: Finding[] = [];
  for (const project of order) {
    const planted = selected.filter((mutant) => projectOf(mutant) === project);
    if (planted.length > 0) findings.push(...(await tryAll(tree, project, planted)));
  }
  console.log('\nseconds  bug, and the test that turned red');
  for (const finding of findings) console.log(row(finding));
  const missed = findings.filter(({ red }) => red === undefined).length;
  console.log(`${findings.length - missed} caught, ${missed} missed`);
  process.exitCode = missed > 0 || findings.length === 0 ? 1 : 0;
}

function isAbout(word: string, mutant: Mutant): boolean {
  const { id, file, spec } = mutant;
  return word === projectOf(mutant) || [id, file, spec].some((text) => text.includes(word));
}

/** Runs the tests of one project, without a bug and with each one. */
async function tryAll(tree: ScratchTree, project: Project, planted: readonly Mutant[]): Promise<Finding[]> {
  const needsServers = project === 'integration' || project === 'e2e';
  // One set of servers for all runs; those that tests start themselves run the code with the bug.
  if (needsServers) await openServers();
  try {
    const specs = [...new Set(planted.map(({ spec }) => spec))];
    console.log(`${project}: ${specs.length} test files without a bug`);
    if (project !== 'unit') tree.build();
    const green = await greenWithout(tree, project, planted);
    const findings: Finding[] = [];
    for (const [index, mutant] of planted.entries()) {
      console.log(`${project} ${index + 1}/${planted.length}: ${mutant.bug}`);
      const finding = await tryOne(tree, mutant, green);
      console.log(finding.red === undefined ? `  MISSED: ${finding.missed ?? ''}` : `  red: ${finding.red}`);
      findings.push(finding);
    }
    return findings;
  } finally {
    if (needsServers) await closeStack();
  }
}

/** The tests that pass without a bug. Which of them there are may depend on the seed. */
async function greenWithout(tree: ScratchTree, project: Project, planted: readonly Mutant[]) {
  const green: string[] = [];
  for (const seed of new Set(planted.map((mutant) => mutant.seed))) {
    const those = planted.filter((mutant) => mutant.seed === seed);
    const specs = [...new Set(those.map(({ spec }) => spec))];
    const clean = await runSpecs(tree.folder, { project, specs, names: namesIn(those), seed });
    if (clean.broken !== undefined) throw new Error(`Without a bug, tests cannot run:\n${clean.broken}`);
    if (clean.hungSeconds !== undefined)
      throw new Error(`Without a bug, tests take over ${clean.hungSeconds} s.`);
    for (const name of clean.failed) console.log(`  fails without a bug: ${name}`);
    green.push(...clean.passed);
  }
  return green;
}

async function tryOne(tree: ScratchTree, mutant: Mutant, green: readonly string[]): Promise<Finding> {
  const started = Date.now();
  const seconds = () => (Date.now() - started) / 1_000;
  const project = projectOf(mutant);
  const takeOut = tree.plant(mutant);
  try {
    if (project !== 'unit') tree.build();
    const { spec, seed } = mutant;
    const selection = { project, specs: [spec], names: namesIn([mutant]), seed };
    const { failed, hung, broken, hungSeconds } = await runSpecs(tree.folder, selection);
    if (hungSeconds !== undefined) {
      const red = `(the run hung, and was stopped after ${hungSeconds} s)`;
      return { mutant, red, seconds: seconds() };
    }
    if (broken !== undefined) return { mutant, missed: broken, seconds: seconds() };
    const isThere = green.some((name) => name.includes(mutant.test));
    // A test that was renamed is found by what it finds.
    const isMeant = (name: string) => name.includes(mutant.test) || !isThere;
    const red = failed.find((name) => green.includes(name) && isMeant(name));
    if (red !== undefined)
      return { mutant, red: hung.includes(red) ? `${red} (it hung)` : red, seconds: seconds() };
    const others = failed.map((name) => `\n    ${name}`).join('');
    const missed =
      (isThere ? 'the test passes' : 'without the bug, no such test passes') +
      (others && `; others fail:${others}`);
    return { mutant, missed, seconds: seconds() };
  } finally {
    takeOut();
  }
}

/** With servers, only the tests that are named run; without, all tests of a file take a second. */
function namesIn(planted: readonly Mutant[]): readonly string[] | undefined {
  const isQuick = planted.every((mutant) => projectOf(mutant) === 'unit');
  return isQuick ? undefined : planted.map(({ test }) => test);
}

function row({ mutant, red, seconds }: Finding): string {
  const test = red === undefined ? 'MISSED' : `${mutant.spec}: ${red}`;
  const seed = mutant.seed === undefined ? '' : ` (SEED=${mutant.seed})`;
  return `${seconds.toFixed(1).padStart(7)}  ${mutant.bug}\n${' '.repeat(9)}${test}${seed}`;
}

try {
  await main(process.cwd(), process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

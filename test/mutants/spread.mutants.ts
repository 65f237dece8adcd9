import type { Mutant } from './mutant.js';

/** Bugs in how spreads account for their items. */
export const spreadMutants: readonly Mutant[] = [
  {
    id: 'spread-chunk-lost',
    bug: 'What does not fit into a wave of nodes is lost.',
    file: 'libs/core/flow/spread/ranges.ts',
    replace: 'if (from < range.to) rest.push({ from, to: range.to });',
    by: '',
    spec: 'libs/core/flow/spread/ranges.spec.ts',
    test: 'the plan of a spread has each of 1000000000 items once, with 1000 a leaf, and no node with more than 500 leaves',
  },
  {
    id: 'spread-early-return-lost',
    bug: 'What a leaf returns early is not planned again.',
    file: 'libs/flow/workflow/spread-node.ts',
    replace: 'this.todo.unshift({ from: result.upTo, to: range.to });',
    by: 'this.reports += 0;',
    spec: 'test/integration/spread.spec.ts',
    test: 'a spread pauses, resumes, and counts what was done before',
  },
  {
    id: 'spread-reject-counted-as-done',
    bug: 'Items that are rejected are counted as done.',
    file: 'libs/flow/leaves/segments.ts',
    replace: '[outcome.outcome]: 1',
    by: "[outcome.outcome === 'failed' ? 'failed' : 'done']: 1",
    spec: 'libs/flow/leaves/leaf-run.spec.ts',
    test: 'a leaf has each outcome once although segment 2 is not written',
  },
  {
    id: 'spread-chunk-counted-twice',
    bug: 'A leaf that continues after a crash handles and counts its first items again.',
    file: 'libs/flow/leaves/leaf-run.ts',
    replace: 'this.at = this.note.next;',
    by: 'this.at = range.from;',
    spec: 'libs/flow/leaves/leaf-run.spec.ts',
    test: 'a leaf has each outcome once although segment 2 is not written',
  },
  {
    id: 'spread-heartbeat-ahead',
    bug: 'A leaf says how far it is before the outcomes are written.',
    file: 'libs/flow/leaves/leaf-run.ts',
    replace: 'const kept = await',
    by: 'this.progress.note({ ...note, next: this.at });\n    const kept = await',
    spec: 'libs/flow/leaves/leaf-run.spec.ts',
    test: 'a leaf says how far it is only once the outcomes are written',
  },
  {
    id: 'spread-failed-not-retried',
    bug: 'A pass over what has failed leaves out what was left.',
    file: 'libs/flow/leaves/leaf.activities.ts',
    replace: 'numbers.push(number);',
    by: 'numbers.length += 0 * number;',
    spec: 'test/integration/spread.spec.ts',
    test: 'a spread stops beyond the tolerated share of failures, and retries all the rest',
  },
];

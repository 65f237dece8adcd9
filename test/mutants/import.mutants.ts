import type { Mutant } from './mutant.js';

const ROWS = 'apps/inventory/src/imports';

/** Bugs in imports of stock. */
export const importMutants: readonly Mutant[] = [
  {
    id: 'import-line-off-by-one',
    bug: 'A reject names the line before the one that is bad.',
    file: `${ROWS}/stock-rows.ts`,
    replace: 'if (fields instanceof Fault) return { line, row: fields };',
    by: 'if (fields instanceof Fault) return { line: line - 1, row: fields };',
    spec: `${ROWS}/stock-rows.spec.ts`,
    test: 'without its last value does not stop the others',
  },
  {
    id: 'import-blank-lines-uncounted',
    bug: 'Lines after a blank one have too small a number.',
    file: `${ROWS}/import-lines.ts`,
    replace: 'this.number += 1;',
    by: 'if (this.bytes > 0) this.number += 1;',
    spec: `${ROWS}/stock-rows.spec.ts`,
    test: 'keep the numbers of their lines across blank ones',
  },
  {
    id: 'import-open-quote-spreads',
    bug: 'A quote that is left open takes the following lines with it.',
    file: `${ROWS}/csv-lines.ts`,
    replace: '!(together instanceof Fault) && together.length === texts.length',
    by: '!(together instanceof Fault)',
    spec: `${ROWS}/stock-rows.spec.ts`,
    test: 'and another with open quotes do not stop the others',
  },
  {
    id: 'import-group-dropped',
    bug: 'The rows of an item with very many of them are lost beyond the first portion.',
    file: `${ROWS}/row-buckets.ts`,
    replace: 'waiting.delete(sku);\n      yield* portion;',
    by: 'waiting.delete(sku);',
    spec: `${ROWS}/prepare-import.spec.ts`,
    test: 'keep each row once, and those of an item in order',
  },
  {
    id: 'import-command-without-line',
    bug: 'Rows of a file that say the same are one command.',
    file: `${ROWS}/apply-rows.ts`,
    replace: 'v5(`${hash}:${line}`, NAMESPACE)',
    by: 'v5(`${hash}:${row.sku}:${row.quantity}`, NAMESPACE)',
    spec: `${ROWS}/apply-rows.spec.ts`,
    test: 'count by themselves, even if two lines say the same',
  },
  {
    id: 'import-command-of-import',
    bug: 'Another import of the same file counts again.',
    file: `${ROWS}/apply-rows.ts`,
    replace: 'v5(`${hash}:${line}`, NAMESPACE)',
    by: 'v5(`${stream}:${line}`, NAMESPACE)',
    spec: `${ROWS}/apply-rows.spec.ts`,
    test: 'change nothing when the file is imported again',
  },
  {
    id: 'import-reject-applied',
    bug: 'A row that its item has rejected counts as applied.',
    file: 'libs/flow/leaves/item-command.ts',
    replace: "if (receipt.status === 'accepted') {",
    by: "if (receipt.status !== 'failed') {",
    spec: `${ROWS}/apply-rows.spec.ts`,
    test: 'are rejected or have failed one by one',
  },
  {
    id: 'import-digest-ignored',
    bug: 'A file that was altered on its way is imported.',
    file: `${ROWS}/import-upload.ts`,
    replace: 'checkDigest(digest, ref.hash);',
    by: 'checkDigest(digest && ref.hash, ref.hash);',
    spec: `${ROWS}/import-upload.spec.ts`,
    test: 'and is not the one that was stated is refused, and nothing is kept',
  },
];

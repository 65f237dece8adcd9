import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { heapBytes } from './heap-bytes.js';
import type { Json } from './json.js';

const reservation = (n: number): Json => ({
  quantity: n,
  expiresAt: new Date(1_700_000_000_000 + n * 1_000).toISOString(),
  status: 'held',
  note: `order ${n}`,
});
const line = (n: number): Json => ({ sku: `sku-${n}`, price: { amount: n, currency: 'EUR' } });
const many = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));

const shapes: Record<string, Json> = {
  'a small state': { balance: 100_000, holds: {}, status: 'open', owner: 'alice' },
  'a map of reservations': {
    onHand: 5,
    reservations: Object.fromEntries(many(3_000, (n) => [`r-${n}`, reservation(n)])),
  },
  'a list of lines': { lines: many(300, line) },
  'a list of ids': { ids: many(3_000, (n) => `id-${n}-${'x'.repeat(30)}`) },
  'a list of numbers': { all: many(10_000, (n) => n) },
  'a list of fractions': { all: many(10_000, (n) => n + 0.5) },
  'text of two bytes a character': { text: 'ж'.repeat(50_000) },
};

/** Prints how many bytes of heap a copy of each of these texts takes once it is parsed. */
const MEASURE = `
  const measure = (json) => {
    const copies = Math.ceil(10_000_000 / json.length);
    const all = Array(copies).fill(undefined);
    JSON.parse(json);
    gc();
    const before = process.memoryUsage().heapUsed;
    for (let n = 0; n < copies; n++) all[n] = JSON.parse(json);
    gc();
    const held = process.memoryUsage().heapUsed - before;
    return all.length > 0 && held / copies;
  };
  const texts = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
  console.log(JSON.stringify(texts.map(measure)));
`;

/**
 * Measured in a separate process, because other code in this one creates garbage in the meantime.
 */
function measured(): Record<string, number> {
  const input = JSON.stringify(Object.values(shapes).map((value) => JSON.stringify(value)));
  const output = execFileSync(process.execPath, ['--expose-gc', '-e', MEASURE], { input, encoding: 'utf8' });
  const bytes = JSON.parse(output) as number[];
  return Object.fromEntries(Object.keys(shapes).map((shape, n) => [shape, bytes[n] ?? NaN]));
}

test('counts what a value really takes of the heap, and not far more', () => {
  for (const [shape, held] of Object.entries(measured())) {
    const ratio = heapBytes(shapes[shape] ?? null) / held;
    expect({ shape, ratio, isEnough: ratio > 0.9, isNear: ratio < 4 }).toMatchObject({
      isEnough: true,
      isNear: true,
    });
  }
});

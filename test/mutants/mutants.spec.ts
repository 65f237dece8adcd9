import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { whyStale } from './mutant.js';
import { mutants } from './mutants.js';

describe('the bugs to plant', () => {
  it('have an id each', () => {
    expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length);
  });

  it.each(mutants)('still fit the source: $id', (mutant) => {
    expect(whyStale(mutant, readFileSync(mutant.file, 'utf8'))).toBeUndefined();
    expect(existsSync(mutant.spec)).toBe(true);
    expect(mutant.test).not.toBe('');
  });
});

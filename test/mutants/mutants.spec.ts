import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { projectOf, whyStale } from './mutant.js';
import { mutants } from './mutants.js';

/** The titles in a test file, as patterns: a title of `it.each` has placeholders. */
function titlesIn(source: string): readonly RegExp[] {
  const titles = source.matchAll(/\(\s*(['"`])((?:\\.|(?!\1).)+)\1,/g);
  return [...titles].map(([, , title = '']) => {
    const text = title.replace(/[.*+?^{}()|[\]\\]/g, '\\$&').replaceAll(/%[sdipjo]|\$[\w.]+/g, '.+');
    return new RegExp(`(^| )${text}$`);
  });
}

describe('the bugs to plant', () => {
  it('have an id each', () => {
    expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length);
  });

  it.each(mutants)('still fit the source: $id', (mutant) => {
    expect(whyStale(mutant, readFileSync(mutant.file, 'utf8'))).toBeUndefined();
    expect(existsSync(mutant.spec)).toBe(true);
    expect(mutant.test).not.toBe('');
  });

  // Only the named test runs on servers, so its whole title has to be given.
  it.each(mutants.filter((mutant) => projectOf(mutant) !== 'unit'))(
    'name a test on servers by its title: $id',
    ({ spec, test }) => {
      const titles = titlesIn(readFileSync(spec, 'utf8'));
      expect(titles.filter((title) => title.test(test))).not.toEqual([]);
    },
  );
});

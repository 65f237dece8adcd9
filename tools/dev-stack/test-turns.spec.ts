import { existsSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { TURNS, waitingFiles } from './test-turns.js';

const seeds = Array.from({ length: 40 }, (_, index) => String(index));

describe('the tests that take turns', () => {
  it.each(TURNS.flat())('exist: %s', (file) => expect(existsSync(file)).toBe(true));

  it('run one of each group, the same for the same seed', () => {
    for (const seed of seeds) {
      const waiting = waitingFiles(seed);
      for (const group of TURNS) expect(group.filter((file) => !waiting.includes(file))).toHaveLength(1);
      expect(waitingFiles(seed)).toEqual(waiting);
    }
  });

  it('all have their turn', () => {
    const inTurn = (seed: string) => TURNS.flat().filter((file) => !waitingFiles(seed).includes(file));
    expect([...new Set(seeds.flatMap(inTurn))].toSorted()).toEqual(TURNS.flat().toSorted());
  });
});

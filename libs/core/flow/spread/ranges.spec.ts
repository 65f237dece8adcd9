import { describe, expect, it } from '@jest/globals';
import { joined, planLanes, planWave, type Range, sizeOf } from './ranges.js';

/** All waves until nothing is left. */
function wavesOf(count: number, itemsPerLeaf: number) {
  const waves: (readonly Range[])[] = [];
  let left: readonly Range[] = [{ from: 0, to: count }];
  while (left.length > 0) {
    const { nodes, rest } = planWave(left, itemsPerLeaf);
    waves.push(nodes);
    left = joined(rest);
  }
  return waves;
}

describe('the plan of a spread', () => {
  it.each([
    [1, 500],
    [1_000_000, 500],
    [1_000_000, 100],
    [1_000_000_000, 1_000],
    [10_000_000, 7],
  ])('has each of %d items once, with %d a leaf, and no node with more than 500 leaves', (count, size) => {
    const waves = wavesOf(count, size);
    const nodes = waves.flat();
    expect(joined(nodes)).toEqual([{ from: 0, to: count }]);
    expect(sizeOf(nodes)).toBe(count);
    for (const wave of waves) expect(wave.length).toBeLessThanOrEqual(280);
    for (const { from, to } of nodes) expect(Math.ceil((to - from) / size)).toBeLessThanOrEqual(500);
  });

  it('has about as many nodes as each has leaves', () => {
    const [nodes = []] = wavesOf(1_000_000, 500);
    expect(nodes).toHaveLength(45);
    expect(nodes[0]).toEqual({ from: 0, to: 45 * 500 });
  });

  it('plans what is left after a pause, with its gaps', () => {
    const left = [
      { from: 3, to: 20 },
      { from: 40, to: 41 },
    ];
    const { nodes, rest } = planWave(left, 5);
    expect(joined(nodes)).toEqual(left);
    expect(rest).toEqual([]);
  });

  it.each([1, 2, 16, 100, 400])('has at most %d leaves under way', (leaves) => {
    for (const nodes of [1, 2, 45, 280]) {
      const lanes = planLanes(leaves, nodes);
      expect(lanes.nodes * lanes.leaves).toBeLessThanOrEqual(leaves);
      expect(lanes.nodes).toBeLessThanOrEqual(nodes);
    }
  });
});

/** Positions of items: from (included) to (excluded). */
export type Range = { readonly from: number; readonly to: number };

/** How many positions some ranges have. */
export function sizeOf(ranges: readonly Range[]): number {
  return ranges.reduce((sum, { from, to }) => sum + to - from, 0);
}

/** Sorts ranges that do not overlap, and joins those that touch. Empty ones are dropped. */
export function joined(ranges: readonly Range[]): readonly Range[] {
  const sorted = ranges.filter(({ from, to }) => from < to).toSorted((a, b) => a.from - b.from);
  return sorted.reduce<readonly Range[]>((all, range) => {
    const last = all.at(-1);
    if (last?.to !== range.from) return [...all, range];
    return [...all.slice(0, -1), { from: last.from, to: range.to }];
  }, []);
}

/** Children of one parent: Temporal records up to 9 events for each, of 4,096. */
const MOST_CHILDREN = 280;
/** Leaves of one node: up to 6 events for each. */
const MOST_LEAVES = 500;

/** What a wave of nodes handles, and what is left for the next wave. */
export interface Wave {
  readonly nodes: readonly Range[];
  readonly rest: readonly Range[];
}

/**
 * Divides ranges among nodes so that there are about as many nodes as each has leaves, and no node
 * and no parent has too many children.
 */
export function planWave(ranges: readonly Range[], itemsPerLeaf: number): Wave {
  const leaves = ranges.reduce((sum, { from, to }) => sum + Math.ceil((to - from) / itemsPerLeaf), 0);
  const leavesPerNode = Math.min(MOST_LEAVES, Math.max(1, Math.ceil(Math.sqrt(leaves))));
  const perNode = leavesPerNode * itemsPerLeaf;
  const nodes: Range[] = [];
  const rest: Range[] = [];
  for (const range of ranges) {
    let { from } = range;
    for (; from < range.to && nodes.length < MOST_CHILDREN; from += perNode) {
      nodes.push({ from, to: Math.min(range.to, from + perNode) });
    }
    if (from < range.to) rest.push({ from, to: range.to });
  }
  return { nodes, rest };
}

/**
 * How many nodes work at a time, and how many leaves each of them has under way, so that all have
 * at most `leaves`.
 */
export function planLanes(
  leaves: number,
  nodes: number,
): { readonly nodes: number; readonly leaves: number } {
  const lanes = Math.max(1, Math.min(nodes, Math.ceil(Math.sqrt(leaves))));
  return { nodes: lanes, leaves: Math.max(1, Math.floor(leaves / lanes)) };
}

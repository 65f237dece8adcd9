import { describe, expect, it } from '@jest/globals';
import type { StateProofDependencies } from '../proof/state-proof.dependencies.js';
import { whileReachable } from './while-reachable.js';

type Servers = Pick<StateProofDependencies, 'pool' | 'store' | 'kafka'>;

/** Servers of which one does not answer. */
function servers(away?: 'postgres' | 'event-store' | 'kafka'): Servers {
  const reachable = (name: string) => ({ isReachable: async () => name !== away });
  const query = async () => {
    if (away === 'postgres') throw Object.assign(new Error('gone'), { code: 'ECONNREFUSED' });
  };
  return {
    pool: { query },
    store: reachable('event-store'),
    kafka: reachable('kafka'),
  } as unknown as Servers;
}

async function* slow(milliseconds: number): AsyncGenerator<number> {
  yield 1;
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  yield 2;
}

async function* never(): AsyncGenerator<number> {
  yield 1;
  await new Promise(() => undefined);
}

async function all(work: AsyncIterable<number>): Promise<number[]> {
  const heard: number[] = [];
  for await (const one of work) heard.push(one);
  return heard;
}

describe('work that is silent', () => {
  it('continues while all servers answer', async () => {
    expect(await all(whileReachable(slow(60), servers(), 10))).toEqual([1, 2]);
  });

  it.each(['postgres', 'event-store', 'kafka'] as const)('ends when %s does not', async (away) => {
    const error = away === 'postgres' ? 'gone' : `${away} does not answer`;
    await expect(all(whileReachable(never(), servers(away), 10))).rejects.toThrow(error);
  });
});

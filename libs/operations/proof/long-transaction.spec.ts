import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Pool } from 'pg';
import { defineView } from '#libs/core/view-definition.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { healView } from './heal-view.js';
import { Pace, TAKING_TURNS } from './pace.js';
import { readShown } from './shown-entity.js';

const stream = 'tally-default.one';
const view = defineView({
  ...{ name: 'tallies', version: 1, category: 'tally', tables: {}, initialState: {} },
  project: (state) => ({ state, rows: {} }),
});

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** A server that takes a minute for each query, and has no data. */
function slowPool(): Pool {
  const query = async () => {
    await new Promise((resolve) => setTimeout(resolve, 60_000));
    return { rows: [], rowCount: 0 };
  };
  const nothing = () => undefined;
  return { connect: async () => ({ query, on: nothing, off: nothing, release: nothing }) } as unknown as Pool;
}

async function after<T>(minutes: number, work: Promise<T>): Promise<T> {
  await jest.advanceTimersByTimeAsync(minutes * 60_000);
  return work;
}

describe('an entity whose rows take minutes to be read', () => {
  it('is shown all the same', async () => {
    expect(await after(9, readShown(slowPool(), [view], stream, new Pace(TAKING_TURNS)))).toMatchObject([
      { revision: -1, view },
    ]);
  });

  it('is healed all the same', async () => {
    const heal = healView({ pool: slowPool(), store: new MemoryEventStore() }, view, stream);
    expect(await after(9, heal)).toBe(true);
  });
});

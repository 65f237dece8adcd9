import { describe, expect, it } from '@jest/globals';
import { streamName } from '#libs/core/entity-id.js';
import { callsQueueOf, effectsQueueOf, homeQueueOf, partitionsOf } from './task-queues.js';

const streams = Array.from({ length: 1_000 }, (_, index) => streamName('account', `a-${index}`));

describe('the partitions of a task queue', () => {
  it('are the queue itself when there is one', () => {
    expect(partitionsOf('account', {})).toEqual(['account']);
    expect(partitionsOf('account', { account: 1, cart: 4 })).toEqual(['account']);
    expect(homeQueueOf('transfer-default.t1', {})).toBe('account');
  });

  it('each have their share of the entities of a service', () => {
    const partitions = { account: 4 };
    const counts = new Map(partitionsOf('account', partitions).map((queue) => [queue, 0]));
    for (const stream of streams) {
      const home = homeQueueOf(stream, partitions);
      counts.set(home, (counts.get(home) ?? NaN) + 1);
    }
    expect([...counts.keys()]).toEqual(['account-0', 'account-1', 'account-2', 'account-3']);
    for (const count of counts.values()) expect(Math.abs(count - 250)).toBeLessThan(60);
  });

  // Processes of different versions must agree on it.
  it('never change hands', () => {
    const homes = streams.slice(0, 8).map((stream) => homeQueueOf(stream, { account: 8 }));
    expect(homes).toMatchInlineSnapshot(`
     [
       "account-0",
       "account-3",
       "account-6",
       "account-1",
       "account-4",
       "account-7",
       "account-2",
       "account-5",
     ]
    `);
  });

  it('share the queues for effects and for calls', () => {
    expect([effectsQueueOf('account'), effectsQueueOf('account-12')]).toEqual(
      Array(2).fill('account-effects'),
    );
    expect([callsQueueOf('account'), callsQueueOf('account-0')]).toEqual(Array(2).fill('account-calls'));
  });
});

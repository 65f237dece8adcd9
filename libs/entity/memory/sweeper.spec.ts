import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { EngineUnavailableError } from '#libs/entity/gateway/entity-gateway.js';
import { startSweeper } from './sweeper.js';

/**
 * Lets a sweeper handle overdue entities, the longest overdue first, until `isDone`. Returns those
 * it tried, and those whose waking it recorded.
 */
async function sweep(
  streams: readonly string[],
  wake: (stream: string) => Promise<void>,
  isDone: (tried: readonly string[]) => boolean,
) {
  const tried: string[] = [];
  const noted: string[] = [];
  const find = async () =>
    streams
      .filter((each) => !noted.includes(each))
      .map((stream) => ({ stream, note: async () => void noted.push(stream) }));
  const sweeper = startSweeper({
    sources: [{ reason: 'overdue', find }],
    patienceSeconds: 0.001,
    logger: pino({ level: 'silent' }),
    wake: (stream) => {
      tried.push(stream);
      return wake(stream);
    },
  });
  while (!isDone(tried)) await pause(1);
  await sweeper.close();
  return { tried, noted };
}

describe('the sweeper', () => {
  it('continues with the others when one cannot be woken, and leaves that one alone for a while', async () => {
    const wake = async (stream: string) => {
      if (stream === 'a') throw new Error('its workflow takes no more signals');
    };
    const { noted } = await sweep(['a', 'b', 'c'], wake, (tried) => tried.includes('c'));
    expect(noted).toEqual(['a', 'b', 'c']);
  });

  it('continues with the others when one does not answer, and tries that one again', async () => {
    const wake = async (stream: string) => {
      if (stream === 'a') throw new EngineUnavailableError('temporal');
    };
    const { noted, tried } = await sweep(['a', 'b'], wake, ([, , third]) => third !== undefined);
    expect(tried.slice(0, 3)).toEqual(['a', 'b', 'a']);
    expect(noted).toEqual(['b']);
  });

  it('gives the round up while Temporal is away, and begins again', async () => {
    const wake = () => Promise.reject(new EngineUnavailableError('temporal'));
    const { noted, tried } = await sweep(['a', 'b', 'c', 'd'], wake, ({ length }) => length >= 6);
    expect(tried.slice(0, 6)).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
    expect(noted).toEqual([]);
  });

  it('continues while there is more to do, at a bounded rate', async () => {
    const left = Array.from({ length: 450 }, (_, index) => `account-default.${index}`);
    const find = async (limit: number) =>
      left.slice(0, limit).map((stream) => {
        return { stream, note: async () => void left.splice(left.indexOf(stream), 1) };
      });
    const woken: number[] = [];
    const wokenBeforeOthers: number[] = [];
    const others = async () => {
      wokenBeforeOthers.push(woken.length);
      return [];
    };
    const sweeper = startSweeper({
      sources: [
        { reason: 'overdue', find },
        { reason: 'emptied', find: others },
      ],
      patienceSeconds: 1,
      perSecond: 1_000,
      logger: pino({ level: 'silent' }),
      wake: async () => void woken.push(performance.now()),
    });
    while (wokenBeforeOthers.length === 0) await pause(1);
    await sweeper.close();
    expect(wokenBeforeOthers[0]).toBe(450);
    expect((woken.at(-1) ?? 0) - (woken[0] ?? 0)).toBeGreaterThan(380);
  });
});

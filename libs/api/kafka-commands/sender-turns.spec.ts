import { beforeEach, describe, expect, it } from '@jest/globals';
import { register } from 'prom-client';
import { SenderTurns } from './sender-turns.js';

let turns: SenderTurns;
/** The work in progress, in the order in which it began, and what ends it. */
let begun: { readonly name: string; end(error?: Error): void }[];
beforeEach(() => {
  register.resetMetrics();
  begun = [];
  turns = new SenderTurns({ caller: 2, process: 3 });
});

const take = (sender: string, name: string) =>
  turns.take(sender, () => {
    return new Promise((resolve, reject) => {
      begun.push({ name, end: (error) => (error ? reject(error) : resolve()) });
    });
  });
const turn = () => new Promise((resolve) => setImmediate(resolve));
const names = () => begun.map(({ name }) => name).join(' ');
const end = async (name: string, error?: Error) => {
  begun.find((one) => one.name === name)?.end(error);
  await turn();
};
const heldBack = async (of: string) => {
  const { values } = await register.getSingleMetric('perdure_kafka_commands_held_back_total')!.get();
  return values.find(({ labels }) => labels['of'] === of)?.value ?? 0;
};

describe('senders', () => {
  it('do so much at a time, and the rest in order', async () => {
    const all = Promise.all(['a1', 'a2', 'a3', 'a4'].map((name) => take('a', name)));
    await turn();
    expect(names()).toBe('a1 a2');
    expect(await heldBack('caller')).toBe(2);
    await end('a2');
    expect(names()).toBe('a1 a2 a3');
    for (const name of ['a1', 'a3', 'a4']) await end(name);
    await all;
  });

  it('share what there is in all, and take turns', async () => {
    const wanted = ['a1', 'a2', 'b1', 'a3', 'a4', 'b2', 'c1'];
    const all = Promise.all(wanted.map((name) => take(name.charAt(0), name)));
    await turn();
    expect(names()).toBe('a1 a2 b1');
    expect(await heldBack('process')).toBe(2);
    await end('b1');
    expect(names()).toBe('a1 a2 b1 b2');
    await end('a1');
    expect(names()).toBe('a1 a2 b1 b2 a3');
    await end('a2');
    expect(names()).toBe('a1 a2 b1 b2 a3 c1');
    await end('b2');
    expect(names()).toBe('a1 a2 b1 b2 a3 c1 a4');
    for (const name of ['a3', 'c1', 'a4']) await end(name);
    await all;
    const gauge = await register.getSingleMetric('perdure_kafka_commands_in_progress')!.get();
    expect(gauge.values[0]?.value).toBe(0);
  });

  it('that fail make room for others', async () => {
    const failing = take('a', 'a1');
    const others = [take('a', 'a2'), take('a', 'a3')];
    failing.catch(() => undefined);
    await end('a1', new Error('away'));
    await expect(failing).rejects.toThrow('away');
    expect(names()).toBe('a1 a2 a3');
    for (const name of ['a2', 'a3']) await end(name);
    await Promise.all(others);
  });
});

import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { defineContract } from '#contracts/entity-contract.js';
import type { Command, Decider, DomainEvent } from '#libs/core/decider.js';
import { reject } from '#libs/core/rejection.js';
import { inMemory } from './memory.stage.js';
import { scenariosOn } from './scenario.js';

const contract = defineContract({
  name: 'lamp',
  plural: 'lamps',
  summary: 'A lamp',
  access: { read: ['anyone'], feed: ['anyone'] },
  commands: {
    Switch: {
      schema: z.strictObject({ on: z.boolean() }),
      summary: 'Switch it',
      visibility: 'public',
      allow: ['anyone'],
    },
  },
  events: {
    Switched: { schema: z.strictObject({ on: z.boolean() }), summary: 'It was switched', version: 1 },
  },
  view: z.strictObject({ on: z.boolean() }),
  rejections: { 'LAMP.SAME': { status: 409, title: 'It is so already' } },
});

const lamp: Decider<{ on: boolean }, Command, DomainEvent> = {
  name: 'lamp',
  stateVersion: 1,
  initialState: { on: false },
  decide: ({ data }, { on }) =>
    data['on'] === on ? reject('LAMP.SAME', 'it is so already') : [{ type: 'Switched', data }],
  evolve: (_, { data }) => ({ on: data['on'] === true }),
};

const { given, command } = scenariosOn(inMemory(lamp), contract);
const on = { type: 'Switched', data: { on: true } } as const;
const off = { type: 'Switched', data: { on: false } } as const;
const switchOn = command('Switch', { on: true });

describe('a scenario', () => {
  it('holds when the events are the ones it names', () => given(on, off).when(switchOn).then(on));

  it('holds when the rejection is the one it names', () =>
    given(on).when(switchOn).thenRejected('LAMP.SAME'));

  it('fails when other events are written', async () => {
    await expect(given().when(switchOn).then(off)).rejects.toThrow('"on": false');
    await expect(given().when(switchOn).then(on, on)).rejects.toThrow('Expected');
    await expect(given().when(switchOn).then()).rejects.toThrow('Expected');
  });

  it('fails when the command is rejected instead, and shows why', () =>
    expect(given(on).when(switchOn).then(on)).rejects.toThrow('LAMP.SAME'));

  it('fails when the command is accepted instead', () =>
    expect(given().when(switchOn).thenRejected('LAMP.SAME')).rejects.toThrow('accepted'));

  it('fails when an event does not match the contract', () => {
    const faulty: typeof lamp = { ...lamp, decide: () => [{ type: 'Switched', data: { on: 'yes' } }] };
    const scenario = scenariosOn(inMemory(faulty), contract).given().when(switchOn);
    return expect(scenario.then({ type: 'Switched', data: { on: 'yes' as never } })).rejects.toThrow(
      'boolean',
    );
  });

  it('fails when a rule has thrown, and names the command', () => {
    const broken: typeof lamp = {
      ...lamp,
      decide: () => {
        throw new TypeError('broken');
      },
    };
    const scenario = scenariosOn(inMemory(broken), contract).given().when(switchOn);
    return expect(scenario.then(on)).rejects.toThrow('Switch failed inside');
  });

  it('fails when it is awaited without an expectation', async () => {
    const awaitHalf = async () => {
      await (given().when(switchOn) as unknown as Promise<void>);
    };
    await expect(awaitHalf()).rejects.toThrow('say .then');
  });

  it('takes no command that the contract would not let through', () =>
    expect(() => command('Switch', { on: 1 as never })).toThrow('boolean'));
});

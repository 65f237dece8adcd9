import { describe, expect, it } from '@jest/globals';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { JsonObject } from '#libs/core/json.js';
import { EngineUnavailableError } from '#libs/entity/gateway/entity-gateway.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { moment } from '#libs/testing/moments.js';
import { type Complete, completingDoor } from './completing-door.js';

const lamp = 'lamp-acme.l1';

/** A gateway that notes what it is sent, and knows these states. */
class Noted {
  readonly sent: CommandEnvelope[] = [];

  constructor(private readonly states: Readonly<Record<string, JsonObject>> = {}) {}

  async send(_stream: string, envelopes: readonly CommandEnvelope[]): Promise<void> {
    this.sent.push(...envelopes);
  }

  async execute(stream: string, envelopes: readonly CommandEnvelope[]) {
    await this.send(stream, envelopes);
    return envelopes.map(({ commandId }) => ({ status: 'pending' as const, commandId }));
  }

  async ask(stream: string): Promise<JsonObject | undefined> {
    if (stream.startsWith('away')) throw new EngineUnavailableError('worker');
    return this.states[stream];
  }

  async receipt(): Promise<undefined> {}

  async events(): Promise<readonly []> {
    return [];
  }
}

const dim: Complete = async (data, { tenant, at, gateway }) => {
  const house = await gateway.ask(`house-${tenant}.${data['house'] as string}`);
  return { ...data, at, light: house?.['light'] ?? 'none' };
};
const byCategory = { lamp: { Dim: dim } };
const dimmed = (name: string, house = 'h1') =>
  envelopeOf({ type: 'Dim', data: { house }, at: moment(5) }, name, { key: name });

describe('a door that completes commands', () => {
  it.each(['send', 'execute'] as const)('%ss them in order, under the ids that they have', async (verb) => {
    const gateway = new Noted({ 'house-acme.h1': { light: 'dusk' } });
    const envelopes = [dimmed('one'), dimmed('two', 'h2')];
    const door = completingDoor(gateway, byCategory);
    await door[verb](lamp, envelopes, 1_000);
    const [one, two] = envelopes as [CommandEnvelope, CommandEnvelope];
    expect(gateway.sent).toEqual([
      { ...one, data: { house: 'h1', at: moment(5), light: 'dusk' } },
      { ...two, data: { house: 'h2', at: moment(5), light: 'none' } },
    ]);
  });

  it('sends other commands, and those of other entities, as they are', async () => {
    const gateway = new Noted();
    const door = completingDoor(gateway, byCategory);
    const other = envelopeOf({ type: 'Break', data: {} }, 'other');
    await door.send(lamp, [other]);
    await door.send('shop-acme.s1', [dimmed('one')]);
    expect(gateway.sent).toEqual([other, dimmed('one')]);
  });

  it('sends nothing while it cannot read what it needs', async () => {
    const gateway = new Noted();
    const broken: Complete = async (data, { gateway }) => (await gateway.ask('away-acme.x')) ?? data;
    const door = completingDoor(gateway, { lamp: { Dim: dim, Break: broken } });
    const batch = [dimmed('one'), envelopeOf({ type: 'Break', data: {} }, 'two')];
    await expect(door.send(lamp, batch)).rejects.toThrow(EngineUnavailableError);
    await expect(door.execute(lamp, batch, 1_000)).rejects.toMatchObject({ status: 503 });
    expect(gateway.sent).toEqual([]);
  });
});

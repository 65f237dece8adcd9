import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { SERVICES } from '#contracts/services.js';
import { command, eventually, request } from '../support/account-rest.js';
import { accountMetrics } from '../support/metrics.js';

const url = (path = ''): string => `${process.env['PERDURE_URL']}${path}`;

interface Relay {
  readonly category: string;
  readonly state: string;
  readonly position?: string;
  readonly relayed?: number;
  readonly behindSeconds?: number | null;
}

async function relayOf(category: string): Promise<Relay | undefined> {
  const { body } = await request(url('/v1/operations/account/relays'));
  return (body['data'] as Relay[]).find((relay) => relay.category === category);
}

it('each relay of a service is visible, and advances with what is written', async () => {
  const id = `relayed-${randomUUID()}`;
  await command(url(), id, 'open', { owner: 'r', currency: 'EUR' }, { prefer: 'wait=20' });
  const before = await eventually(
    () => relayOf('account'),
    (relay) => relay?.state === 'running' && relay.position !== undefined && relay.behindSeconds === 0,
  );
  await command(url(), id, 'deposit', { amount: 1 }, { prefer: 'wait=20' });
  const after = await eventually(
    () => relayOf('account'),
    (relay) => BigInt(relay?.position ?? 0) > BigInt(before?.position ?? 0),
  );
  expect(after?.relayed).toBeGreaterThan(0);
  expect(await relayOf('transfer')).toMatchObject({ category: 'transfer', state: 'running' });
});

it('and is listed on a terminal', () => {
  const { status, stdout } = spawnSync(process.execPath, ['bin/perdure.mjs', 'relays'], {
    encoding: 'utf8',
    env: process.env,
  });
  expect(status).toBe(0);
  for (const category of SERVICES.flatMap(({ collections }) => Object.keys(collections))) {
    expect(stdout).toMatch(new RegExp(`^${category} +(running|waiting) `, 'm'));
  }
});

it('and is measured where it runs', async () => {
  const measured = [
    /^perdure_relay_events_total\{category="account",service="account"\} [1-9]/m,
    /^perdure_relay_behind_seconds\{category="account",service="account"\} \d/m,
    /^perdure_relay_position\{category="account",service="account"\} [1-9]/m,
  ];
  const metrics = await accountMetrics(measured);
  for (const line of measured) expect(metrics).toMatch(line);
});

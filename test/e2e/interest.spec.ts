import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { DomainEvent } from '#libs/core/decider.js';
import { streamName } from '#libs/core/entity-id.js';
import { withHashes } from '#libs/entity/activities/hash-chain.js';
import { eachOf } from '#libs/runtime/each-of.js';
import { historyOf } from '#libs/testing/history.js';
import { killServer } from '#tools/dev-stack/kill-server.js';
import { allAnswer, eventually, insistOn, read } from '../support/account-rest.js';
import { depthOf } from '../support/depth.js';
import { patientStore } from '../support/patient-store.js';

const url = (path: string): string => `${process.env['PERDURE_URL']}${path}`;
const PATIENCE_MILLISECONDS = 900_000;
const AT_A_TIME = 16;
const HOUR = 3_600_000;
const RATE = 250;
// No other account has events so long ago.
const MONTH = `19${randomInt(80, 99)}-10`;
const MONTH_BEGINS = Date.parse(`${MONTH}-01T00:00:00Z`);
const DAYS = 31;

const store = patientStore();
afterAll(() => store.close());

/** An account, and what it is to get: its balances of all days are added up by themselves here. */
interface Planned {
  readonly id: string;
  readonly currency: string;
  readonly events: readonly { readonly at: number; readonly event: DomainEvent }[];
  readonly interest: number;
}

/** Deposits and withdrawals from ten days before the month until ten days after it. */
function plannedAccount(): Planned {
  const currency = randomInt(2) === 0 ? 'EUR' : 'USD';
  const opened: DomainEvent = { type: 'AccountOpened', data: { owner: 'Alice', currency } };
  let at = MONTH_BEGINS - 240 * HOUR;
  const events = [{ at, event: opened }];
  const balances: { readonly at: number; readonly balance: number }[] = [];
  let balance = 0;
  while (events.length < 8) {
    at += randomInt(1, 200 * HOUR);
    const isDeposit = balance === 0 || randomInt(3) > 0;
    const amount = isDeposit ? randomInt(1, 2_000_000) : randomInt(1, balance + 1);
    balance += isDeposit ? amount : -amount;
    const type = isDeposit ? 'MoneyDeposited' : 'MoneyWithdrawn';
    events.push({ at, event: { type, data: { amount, currency } } });
    balances.push({ at, balance });
  }
  let sum = 0n;
  for (let day = 1; day <= DAYS; day += 1) {
    const midnight = MONTH_BEGINS + day * 24 * HOUR;
    sum += BigInt(balances.findLast((change) => change.at < midnight)?.balance ?? 0);
  }
  return { id: `int-${randomUUID()}`, currency, events, interest: rounded(sum * BigInt(RATE)) };
}

/** Of an amount in parts of which a minor unit has 10,000 × 365: half to even. */
function rounded(parts: bigint): number {
  const whole = 3_650_000n;
  const twice = 2n * (parts % whole);
  const floor = parts / whole;
  return Number(twice > whole || (twice === whole && floor % 2n === 1n) ? floor + 1n : floor);
}

/** Writes the events of an account, and waits until the index shows them. */
async function write({ id, events }: Planned): Promise<void> {
  const stream = streamName('account', id);
  const history = historyOf(
    stream,
    events.map(({ event }) => event),
  ).map((event, index) => {
    return { ...event, metadata: { ...event.metadata, at: new Date(events[index]?.at ?? 0).toISOString() } };
  });
  await store.append(stream, -1, withHashes(stream, { revision: -1 }, history));
  const last = history.at(-1)?.metadata.commandId;
  await eventually(
    () => read(url(`/v1/accounts/${id}/commands/${last}`)),
    ({ body }) => JSON.stringify(body['stages'] ?? {}).includes('"offset"'),
    PATIENCE_MILLISECONDS,
  );
}

interface Run {
  readonly result: { readonly value?: Record<string, { accounts: number; amount: number }> };
  readonly status: string;
}

const runAt = (id: string, path = '') => url(`/v1/flows/interest-run/${id}${path}`);

async function start(rateBasisPoints: number): Promise<string> {
  const id = randomUUID();
  const input = { month: MONTH, rateBasisPoints, dayCount: 'actual/365' };
  await insistOn(runAt(id, '/start'), id, input, { prefer: 'wait=10' });
  return id;
}

/** The run once it has ended. Accounts whose outcome stayed unknown are retried. */
async function ended(id: string): Promise<Run> {
  const { body } = await eventually(
    async () => {
      const reply = await read(runAt(id));
      const { phase } = (reply.body['progress'] ?? {}) as { readonly phase?: string };
      if (phase === 'waiting' || phase === 'stopped')
        await insistOn(runAt(id, '/retry-failed'), randomUUID(), {});
      return reply;
    },
    ({ body: { endedAt } }) => endedAt !== undefined,
    PATIENCE_MILLISECONDS,
  );
  return body as unknown as Run;
}

/** The amounts of interest in the stream of an account, which is read directly. */
async function creditsOf({ id }: Planned): Promise<readonly unknown[]> {
  const amounts: unknown[] = [];
  for await (const { type, data } of store.read(streamName('account', id))) {
    if (type === 'InterestCredited') amounts.push(data['amount']);
  }
  return amounts;
}

describe('interest', () => {
  it('is credited to the cent and once, whatever is killed and however often it runs', async () => {
    const accounts = Array.from({ length: depthOf('INTEREST_ACCOUNTS') }, plannedAccount);
    await eachOf(accounts, AT_A_TIME, write);
    const id = await start(RATE);
    for (let kill = 0; kill < depthOf('INTEREST_KILLS'); kill += 1) {
      await pause(randomInt(2_000));
      killServer('account');
      await allAnswer([url('/health/ready')], PATIENCE_MILLISECONDS);
    }
    const value: Record<string, { accounts: number; amount: number }> = {};
    for (const { currency, interest } of accounts.filter((account) => account.interest > 0)) {
      const paid = (value[currency] ??= { accounts: 0, amount: 0 });
      paid.accounts += 1;
      paid.amount += interest;
    }
    expect(await ended(id)).toMatchObject({
      status: 'completed',
      result: { month: MONTH, failed: 0, value },
    });
    const check = async () => {
      const wrong: unknown[] = [];
      await eachOf(accounts, AT_A_TIME, async (account) => {
        const credits = await creditsOf(account);
        const isRight =
          JSON.stringify(credits) === JSON.stringify(account.interest > 0 ? [account.interest] : []);
        if (!isRight) wrong.push({ account, credits });
      });
      return wrong;
    };
    expect(await check()).toEqual([]);

    const again = await ended(await start(RATE));
    expect(again).toMatchObject({ status: 'completed', result: { rejected: 0, value } });
    const dearer = await ended(await start(2 * RATE));
    expect(dearer.result.value).toBeUndefined();
    expect(await check()).toEqual([]);
  }, 1_800_000);

  it('of a month that is not over is refused', async () => {
    const id = randomUUID();
    const input = { month: '2999-01', rateBasisPoints: RATE, dayCount: 'actual/365' };
    await insistOn(runAt(id, '/start'), id, input);
    const { body } = await eventually(
      () => read(runAt(id)),
      ({ body: { endedAt } }) => endedAt !== undefined,
    );
    expect(body).toMatchObject({ status: 'failed', failure: { code: 'INTEREST.MONTH_NOT_OVER' } });
  });
});

import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { killServer } from '#tools/dev-stack/kill-server.js';
import { allAnswer, eventually, insist, request } from '../support/account-rest.js';
import { placesChosen, depthOf } from '../support/depth.js';
import { printedSeed, seededRandom } from '../support/seeded-random.js';

const PARTS = ['account', 'event-store', 'temporal', 'kafka', 'postgres'] as const;
const CLIENTS = 8;
const ACCOUNTS = 4;

const url = (): string => String(process.env['PERDURE_URL']);

interface Sent {
  readonly account: string;
  /** The receipt of a command that was answered 202. */
  readonly receipt: string | null;
}

/**
 * Clients that pay 1 into random accounts, by signal and by update, and insist until they are
 * answered.
 */
class Load {
  readonly sent: Sent[] = [];
  private isRunning = true;
  private readonly clients: Promise<void>[];

  constructor(
    readonly accounts: readonly string[],
    random: () => number,
  ) {
    this.clients = Array.from({ length: CLIENTS }, () => this.run(random));
  }

  /**
   * Waits until this many more commands are answered, so that whatever was killed has recovered.
   */
  async answered(more: number): Promise<void> {
    const goal = this.sent.length + more;
    await eventually(
      () => Promise.resolve(this.sent.length),
      (count) => count >= goal,
    );
  }

  async stop(): Promise<void> {
    this.isRunning = false;
    await Promise.all(this.clients);
  }

  private async run(random: () => number): Promise<void> {
    while (this.isRunning) {
      const account = this.accounts[Math.floor(random() * ACCOUNTS)] as string;
      const headers: Record<string, string> = random() < 0.5 ? { prefer: 'wait=5' } : {};
      const reply = await insist(url(), account, 'deposit', randomUUID(), { amount: 1 }, headers);
      this.sent.push({ account, receipt: reply.headers.get('location') });
      await pause(20);
    }
  }
}

async function openAccounts(): Promise<string[]> {
  const accounts = Array.from({ length: ACCOUNTS }, () => `chaos-${randomUUID()}`);
  for (const account of accounts) {
    const body = { owner: 'Chaos', currency: 'EUR' };
    await insist(url(), account, 'open', randomUUID(), body, { prefer: 'wait=20' });
  }
  return accounts;
}

/** Waits until every server and service has recovered. */
// A killed broker reads all its logs first.
const allReady = () => allAnswer([`${url()}/health/ready`], 120_000);

/** What must hold for every acknowledged command, once everything is quiet. */
async function verify({ accounts, sent }: Load): Promise<void> {
  for (const account of accounts) {
    const expected = sent.filter((command) => command.account === account).length;
    const state = await eventually(
      () => request(`${url()}/v1/accounts/${account}`),
      ({ body }) => Number(body['balance']) >= expected,
    );
    expect(state.body).toMatchObject({ balance: expected, revision: expected });
    const rows = await eventually(
      () => request(`${url()}/v1/accounts?owner=Chaos&limit=200`),
      ({ body }) => rowOf(body, account)?.['revision'] === expected,
    );
    expect(rowOf(rows.body, account)).toMatchObject({ balance: expected, revision: expected });
  }
  for (const { receipt } of sent.filter((command) => command.receipt !== null).slice(-200)) {
    const reply = await request(`${url()}${receipt}`);
    expect(reply.body).toMatchObject({ status: 'accepted' });
  }
}

function rowOf(page: Record<string, unknown>, account: string): Record<string, unknown> | undefined {
  const rows = (page['data'] ?? []) as readonly Record<string, unknown>[];
  return rows.find(({ id }) => id === account);
}

/** Parts that are killed alone; the test after them kills all. */
const isChosen = placesChosen('parts', 2);

describe('while clients deposit, by signal and by update', () => {
  it.each(PARTS.filter((_, place) => isChosen(place)))(
    'kill -9 of %s loses nothing and applies nothing twice',
    async (part) => {
      const load = new Load(await openAccounts(), seededRandom(printedSeed()));
      for (let kill = 0; kill < depthOf('KILLS'); kill += 1) {
        await load.answered(15);
        await allReady();
        killServer(part);
      }
      await load.answered(15);
      await load.stop();
      await verify(load);
    },
    300_000,
  );

  it('kill -9 of everything at once loses nothing and applies nothing twice', async () => {
    const load = new Load(await openAccounts(), seededRandom(printedSeed()));
    await load.answered(30);
    await allReady();
    for (const part of PARTS) killServer(part);
    await load.answered(30);
    await load.stop();
    await verify(load);
  }, 240_000);
});

describe('a hold whose deadline passes while the service is off', () => {
  it('has expired when the service is back', async () => {
    await allReady();
    const [account] = (await openAccounts()) as [string];
    await insist(url(), account, 'deposit', 'pay-in', { amount: 100 }, { prefer: 'wait=20' });
    const expiresAt = new Date(Date.now() + 6_000).toISOString();
    const body = { holdId: 'h', amount: 60, expiresAt };
    await insist(url(), account, 'place-hold', 'hold', body, { prefer: 'wait=20' });
    killServer('account', 'SIGSTOP');
    await pause(Date.parse(expiresAt) + 1_000 - Date.now());
    killServer('account');
    const state = await eventually(
      () => request(`${url()}/v1/accounts/${account}`),
      ({ body: seen }) => seen['held'] === 0,
    );
    expect(state.body).toMatchObject({ balance: 100, held: 0, available: 100, holds: [], revision: 3 });
  }, 120_000);
});

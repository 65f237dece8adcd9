// How soon the console shows an account with very many events, in a browser, on the running stack.
//
// npm run bench:console -- [events]        PERDURE_URL, EVENTSTORE_URL: as of `npm start`
import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import type { EventToAppend } from '#libs/event-store/event-store.js';
import { createPerdureClient } from '#libs/client/client.js';
import { connectEventStore } from '#libs/event-store/eventstoredb-store.js';
import { openPage, startBrowser } from '../test/support/browser.js';
import { machine, summary } from './rounds.js';

const [events = 100_000, rounds = 5] = process.argv.slice(2).map(Number);
const { PERDURE_URL: url = 'http://127.0.0.1:3000', EVENTSTORE_URL = 'esdb://127.0.0.1:2113?tls=false' } =
  process.env;
const BATCH = 1_000;
const AMOUNT = 100;

const id = `long-${randomUUID().slice(0, 8)}`;
const last = events - 1;
const page = (tab: string): string => `${url}/entities/account/${id}?tab=${tab}`;

function event(revision: number): EventToAppend {
  const eventId = randomUUID();
  const at = new Date(Date.now() - (events - revision) * 1_000).toISOString();
  const ids = { commandId: eventId, $correlationId: eventId, $causationId: eventId };
  const metadata = { ...ids, actor: 'bench', at, index: 0, count: 1, schemaVersion: 1 };
  return revision === 0
    ? { id: eventId, type: 'AccountOpened', data: { owner: 'demo', currency: 'EUR' }, metadata }
    : { id: eventId, type: 'MoneyDeposited', data: { amount: AMOUNT, currency: 'EUR' }, metadata };
}

/**
 * All but the last straight into the store: what is measured is reading. The last is that of a
 * command, so the entity runs, and has a snapshot as any that has grown.
 */
async function write(): Promise<void> {
  const store = connectEventStore(EVENTSTORE_URL, { append: 60_000 });
  for (let from = 0; from < last; from += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, last - from) }, (_, index) => event(from + index));
    await store.append(`account-default.${id}`, from - 1, batch);
  }
  await store.close();
  const perdure = createPerdureClient({ url, token });
  await perdure.entity('account', id).execute('Deposit', { amount: AMOUNT }, { seconds: 180 });
}

async function token(): Promise<string> {
  const reply = await fetch(`${url}/local-users/demo/token`, { method: 'POST' });
  return ((await reply.json()) as { access_token: string }).access_token;
}

interface Measured {
  readonly what: string;
  readonly path: string;
  /** Done once this is in sight. */
  readonly shows: (page: Page) => Promise<void>;
}

const row = (shown: Page, text: string) =>
  shown
    .getByRole('region', { name: `${events} events` })
    .getByRole('button')
    .filter({ hasText: text });

const MEASURED: readonly Measured[] = [
  {
    what: 'state',
    path: page('state'),
    shows: (shown) => shown.getByText(/^owner demo · balance/).waitFor(),
  },
  {
    what: 'events, the latest',
    path: page('events'),
    shows: (shown) => row(shown, `${last}MoneyDeposited`).waitFor(),
  },
  {
    what: 'timeline',
    path: page('timeline'),
    shows: (shown) => shown.getByRole('listitem').filter({ hasText: 'MoneyDeposited' }).first().waitFor(),
  },
  {
    what: 'history, the latest',
    path: page('history'),
    shows: (shown) => shown.getByRole('row', { name: /^balance .* MoneyDeposited/ }).waitFor(),
  },
  {
    what: 'history, in the middle',
    path: `${page('history')}&revision=${Math.floor(last / 2)}`,
    shows: (shown) => shown.getByRole('row', { name: /^balance .* MoneyDeposited/ }).waitFor(),
  },
];

/** Milliseconds from the address to what is asked for, in a browser with an empty cache. */
async function open(browser: Browser, { path, shows }: Measured): Promise<number> {
  const { page: shown } = await openPage(browser);
  shown.setDefaultTimeout(180_000);
  const from = performance.now();
  await shown.goto(path);
  await shows(shown);
  const took = performance.now() - from;
  await shown.context().close();
  return took;
}

/** From the latest event to the first, which is the other end of the list. */
async function jump(browser: Browser): Promise<number> {
  const { page: shown } = await openPage(browser);
  shown.setDefaultTimeout(180_000);
  await shown.goto(page('events'));
  await row(shown, `${last}MoneyDeposited`).waitFor();
  const from = performance.now();
  await shown.getByRole('region', { name: `${events} events` }).focus();
  await shown.keyboard.press('End');
  await row(shown, '0AccountOpened').waitFor();
  const took = performance.now() - from;
  await shown.context().close();
  return took;
}

async function report(what: string, measure: () => Promise<number>): Promise<void> {
  const first = await measure();
  const others: number[] = [];
  for (let round = 1; round < rounds; round += 1) others.push(await measure());
  console.log(`  ${what}: first ${Math.round(first)} ms, then ${summary(others)} ms`);
}

console.log(`${machine()}: an account with ${events.toLocaleString('en')} events`);
const from = performance.now();
await write();
console.log(`  written in ${Math.round((performance.now() - from) / 1_000)} s`);
const browser = await startBrowser();
try {
  for (const measured of MEASURED) await report(measured.what, () => open(browser, measured));
  await report('events, from the latest to the first', () => jump(browser));
} finally {
  await browser.close();
}

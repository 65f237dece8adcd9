import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { allAnswer, command, eventually, post, read, request } from '../support/account-rest.js';
import { openPage, startBrowser } from '../support/browser.js';
import { confirmDialog, doneInDialog } from '../support/console-dialog.js';
import { refuseBalance, rowOf, shownAccount } from '../support/faults.js';
import { sendAs } from '../support/send-as.js';
import { admit, checkOut, done, ended, fulfilling, shop, url, wait } from '../support/shop.js';
import { sendWebhook } from '../support/webhooks.js';

const PARKED_IN = 'account.accounts.v1';
/** A view that nobody misses for some seconds. */
const REBUILT = 'callback.callback-messages.v1';
const TEST_MILLISECONDS = 180_000;

let browser: Browser;
let page: Page;
let complaints: readonly string[];

beforeAll(async () => {
  await allAnswer([url('/health/ready')], 120_000);
  browser = await startBrowser();
});
afterAll(() => browser?.close());
afterEach(async () => {
  await page.context().close();
  expect(complaints).toEqual([]);
});

async function open(path: string): Promise<void> {
  ({ page, complaints } = await openPage(browser));
  await page.goto(url(path));
}

const button = (name: string) => page.getByRole('button', { name, exact: true });

describe('an entity that a view has parked', () => {
  /** An account whose next deposit is parked, and its page; other tests may run meanwhile. */
  async function parked(): Promise<{ id: string; stream: string; accept: () => Promise<unknown> }> {
    const id = await shownAccount();
    const accept = await refuseBalance(id, 107);
    await done(command(url(), id, 'deposit', { amount: 7 }, wait));
    const stream = `account-default.${id}`;
    await open(`/operations/views?${new URLSearchParams({ view: PARKED_IN, stream }).toString()}`);
    return { id, stream, accept };
  }

  it.each([
    ['Skip', undefined, 100],
    ['Patch', '{"amount":8}', 108],
  ] as const)(
    'stays parked by a retry in vain, and continues by %s',
    async (verb, data, balance) => {
      const { id, stream, accept } = await parked();
      try {
        await button(`Retry ${stream}`).first().click({ timeout: 60_000 });
        expect(await doneInDialog(page, 'Retry')).toContain('parked');
        await button(`${verb} ${stream}`).first().click();
        expect(await doneInDialog(page, verb, data)).toContain('caught-up');
        await eventually(
          () => rowOf(id),
          (row) => row?.['balance'] === balance,
        );
        await page.goto(url('/operations/audit'));
        await page.getByText(stream).first().waitFor();
      } finally {
        await accept();
      }
    },
    TEST_MILLISECONDS,
  );
});

it(
  'a view is rebuilt, compared, switched and rolled back',
  async () => {
    await open(`/operations/views?view=${REBUILT}`);
    await button(`Rebuild ${REBUILT}`).click();
    await doneInDialog(page, 'Rebuild');
    const stateOf = async () => (await read(url(`/v1/operations/desk/views/${REBUILT}/rebuild`))).body;
    await eventually(stateOf, ({ isReady }) => isReady === true);
    await button('Compare again').click();
    await page
      .getByRole('region', { name: 'Row difference', exact: true })
      .getByRole('rowheader')
      .first()
      .waitFor();
    await button(`Switch ${REBUILT}`).click();
    await doneInDialog(page, 'Switch');
    expect(await stateOf()).toMatchObject({ state: 'switched' });
    await button(`Roll back ${REBUILT}`).click();
    await doneInDialog(page, 'Roll back');
    expect(await stateOf()).toMatchObject({ state: 'rolled-back' });
  },
  TEST_MILLISECONDS,
);

it('a message that nobody waits for is not redelivered, which the dialog says', async () => {
  const key = `verbs-${randomUUID()}`;
  expect(await sendWebhook({ key })).toMatchObject({ status: 200 });
  await open(`/operations/callbacks?${new URLSearchParams({ key: `card:${key}` }).toString()}`);
  await button(`Redeliver card:${key}`).click({ timeout: 60_000 });
  await confirmDialog(page, 'Redeliver');
  await page.getByRole('dialog').getByText('CALLBACK.NOBODY_WAITS').waitFor();
  await page.keyboard.press('Escape');
  await button(`Discard card:${key}`).click();
  await doneInDialog(page, 'Discard');
  await button(`Discard card:${key}`).waitFor({ state: 'detached' });
});

it('an import is paused, resumed and cancelled', async () => {
  const sku = `verbs-${randomUUID()}`;
  const body = `sku,command,quantity\n${`${sku},receive,1\n`.repeat(6_000)}`;
  const headers = { 'content-type': 'text/csv' };
  const { body: made } = await request(url('/v1/stock-imports'), { method: 'POST', headers, body });
  const id = String(made['id']);
  const until = (status: string) =>
    eventually(
      () => read(url(`/v1/stock-imports/${id}`)),
      ({ body: found }) => found['status'] === status,
    );
  try {
    await open(`/operations/imports?import=${id}`);
    await button(`Pause ${id}`).click();
    await doneInDialog(page, 'Pause');
    await until('paused');
    await button(`Resume ${id}`).click();
    await doneInDialog(page, 'Resume');
    await button(`Cancel ${id}`).click();
    await doneInDialog(page, 'Cancel');
    await until('cancelled');
  } finally {
    await post(url(`/v1/stock-imports/${id}/cancel`), { reason: 'a test' }, wait);
  }
});

it('a stuck step is retried in vain, and resolved, from the inbox', async () => {
  const stuck = await shop({ customer: 'held' });
  await checkOut(stuck);
  await fulfilling(stuck);
  const id = `${stuck.cart}:checkout-1`;
  await sendAs(id, `account-default.${stuck.account}`, 'ReleaseHold', { holdId: id });
  await admit(stuck);
  await open('/inbox');
  await button(`Retry capture of ${id}`).click({ timeout: 60_000 });
  await doneInDialog(page, 'Retry');
  await button(`Resolve capture of ${id}`).click({ timeout: 60_000 });
  await doneInDialog(page, 'Resolve', 'the customer has paid by card');
  expect((await ended(stuck)).body).toMatchObject({ status: 'completed' });
  await button(`Resolve capture of ${id}`).waitFor({ state: 'detached' });
});

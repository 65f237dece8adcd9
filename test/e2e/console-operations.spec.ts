import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { post, request } from '../support/account-rest.js';
import {
  faultsOf,
  keepPicture,
  LOOKS,
  openPage,
  pagesFor,
  startBrowser,
  type Theme,
  violationsOf,
} from '../support/browser.js';

const base = process.env['PERDURE_URL'] ?? '';
/** A view and a worker whose standstill for some seconds disturbs nobody. */
const VIEW = 'callback.callback-messages.v1';
const WORKER = 'desk-calls';
const SCHEDULE = 'inventory-default.low-stock-digest';
const SKU = `console-${randomUUID()}`;

let browser: Browser;
let page: Page;
let complaints: readonly string[];

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  // Whatever has failed here, nothing stays paused for others.
  await post(`${base}/v1/workers/desk/resume`, {});
  await post(`${base}/v1/schedules/${SCHEDULE}/resume`, {});
});
afterEach(async () => {
  await page.context().close();
  expect(complaints).toEqual([]);
});

async function open(path: string, as: { user?: string; width?: number; theme?: Theme } = {}): Promise<void> {
  ({ page, complaints } = await openPage(browser, as));
  await page.goto(`${base}${path}`);
}

const button = (name: string) => page.getByRole('button', { name, exact: true });
const dialog = () => page.getByRole('dialog');
const confirm = (verb: string) => dialog().getByRole('button', { name: verb, exact: true }).click();

/** Confirms until it is done: if a server is late, the dialog says so and can be used again. */
async function insist(verb: string): Promise<void> {
  const done = dialog().getByText(`${verb}: done`);
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    await confirm(verb);
    await done.or(dialog().getByText('Away', { exact: true })).waitFor();
    if (await done.isVisible()) return;
  }
  throw new Error(`${verb} is not done after five attempts`);
}

describe('an operator', () => {
  it('pauses a worker and resumes it, and the orders say why', async () => {
    await open('/operations/workers');
    await button(`Pause ${WORKER}`).click();
    await page.keyboard.type('a look at its queue');
    await page.keyboard.press('Enter');
    await dialog().getByText('Pause: done').waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('a look at its queue').waitFor();
    await button(`Resume ${WORKER}`).click();
    await confirm('Resume');
    await dialog().getByText('Resume: done').waitFor();
    await page.keyboard.press('Escape');
    await button(`Pause ${WORKER}`).waitFor();
  });

  it('does nothing dangerous without its name', async () => {
    await open('/operations/workers');
    await button('Drain process desk').click();
    await dialog().getByLabel('Type desk to confirm').fill('desk-work');
    await confirm('Drain');
    expect(await dialog().locator('input:invalid').count()).toBe(1);
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
  });

  it('rebuilds a view, sees the row difference, and cancels', async () => {
    await open(`/operations/views?view=${VIEW}`);
    await button(`Rebuild ${VIEW}`).click();
    await confirm('Rebuild');
    await dialog().getByText('Rebuild: done').waitFor();
    await page.keyboard.press('Enter');
    await page
      .getByRole('region', { name: 'Row difference', exact: true })
      .getByRole('rowheader', { name: 'callback_messages_v1' })
      .waitFor();
    await button(`Cancel ${VIEW}`).click();
    await dialog().getByLabel(`Type ${VIEW} to confirm`).fill(VIEW.replaceAll('.', '-'));
    await confirm('Cancel');
    expect(await dialog().locator('input:invalid').count()).toBe(1);
    await dialog().getByLabel(`Type ${VIEW} to confirm`).fill(VIEW);
    await confirm('Cancel');
    await dialog().getByText('Cancel: done').waitFor();
  });

  it('stops a schedule with a reason, and resumes it', async () => {
    await open('/operations/schedules');
    await button(`Pause ${SCHEDULE}`).click();
    await confirm('Pause');
    expect(await dialog().locator('input:invalid').count()).toBe(1);
    await page.keyboard.type('stocktaking');
    await insist('Pause');
    await page.keyboard.press('Enter');
    await button(`Resume ${SCHEDULE}`).click();
    await insist('Resume');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: SCHEDULE }).click();
    await page.getByText('stocktaking').waitFor();
  });

  it('has an entity examined, and healed only by its name', async () => {
    await open('/operations/doctor');
    await page.getByLabel('Service').selectOption('desk');
    await page.getByLabel('Category').selectOption('callback');
    await button('Examine').click();
    await page.getByText('Done. No difference.').waitFor();
    await page.getByRole('region', { name: 'Rows of Reports' }).getByText('callback').waitFor();
    await page.getByLabel('Heal').check();
    await button('Examine').click();
    await dialog().getByLabel('Type desk to confirm').fill('desk');
    await confirm('Heal');
    await page.getByText('Done. No difference.').waitFor();
  });

  it('sees how far an import is, and saves what was rejected', async () => {
    const file = `sku,command,quantity,reason,reference\n${SKU},receive,3,,a\n${SKU},adjust,-9,too much,\n`;
    const headers = { 'content-type': 'text/csv' };
    const { body } = await request(`${base}/v1/stock-imports`, { method: 'POST', headers, body: file });
    await open(`/operations/imports?import=${String(body['id'])}`);
    await page.getByText('completed', { exact: true }).waitFor();
    const download = page.waitForEvent('download');
    await button('Save the rejects').click();
    const rejects = readFileSync(await (await download).path(), 'utf8');
    expect(rejects).toContain('rejected');
    await page.getByRole('link', { name: 'All imports' }).click();
    await page.getByRole('link', { name: String(body['id']) }).waitFor();
  });

  it('finds in the audit what was done, refused, by whom and why', async () => {
    const reason = `a look at ${SKU}`;
    await post(`${base}/v1/workers/${SKU}/drain`, { reason });
    await post(`${base}/v1/checkouts/${SKU}/retry-step`, {}, { prefer: 'wait=10' });
    await open(`/operations/audit?subject=${SKU}`);
    const rows = page.getByRole('region', { name: 'Rows of Acts' });
    const drain = rows.getByRole('row').filter({ hasText: 'drain' });
    await drain.filter({ hasText: reason }).filter({ hasText: 'WORKER.PROCESS_NOT_FOUND' }).waitFor();
    await rows.getByRole('row').filter({ hasText: 'retry-step' }).filter({ hasText: 'refused' }).waitFor();
    await page.getByLabel('Outcome').selectOption('done');
    await page.getByText('Nothing matches these filters').waitFor();
  });

  it('sees how far the relays are', async () => {
    await open('/operations/relays');
    await page.getByRole('region', { name: 'Relays of cart', exact: true }).getByText('checkout').waitFor();
  });
});

describe('the inbox', () => {
  const wait = { prefer: 'wait=20' };
  const ids = [1, 2, 3].map((n) => `console-${n}-${randomUUID().slice(0, 8)}`);
  const [alone = '', ...together] = ids;

  beforeAll(async () => {
    const deadline = new Date(Date.now() + 3_600_000).toISOString();
    for (const id of ids) {
      const body = { subject: id, content: { order: id }, candidates: ['user:sue'], deadline };
      expect(await post(`${base}/v1/approvals/${id}/request`, body, wait)).toMatchObject({ status: 201 });
    }
  });

  it('has an approval claimed and approved, with its content and its trail', async () => {
    await open('/inbox', { user: 'sue' });
    await page.getByRole('link', { name: alone }).click();
    await page.getByText('SHA-256').waitFor();
    await button(`Claim ${alone}`).click();
    await confirm('Claim');
    await dialog().getByText('Claim: done').waitFor();
    await page.keyboard.press('Enter');
    await button(`Approve ${alone}`).click();
    await page.keyboard.type('as agreed');
    await page.keyboard.press('Enter');
    await dialog().getByText('Approve: done').waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('cell', { name: 'ApprovalGranted' }).waitFor();
    await page.getByRole('cell', { name: 'as agreed' }).waitFor();
  });

  it('decides many together, after a preview', async () => {
    await open('/inbox', { user: 'sue' });
    for (const id of together) await page.getByLabel(`Choose ${id}`).check();
    await button('Decide 2 together').click();
    for (const id of together) await dialog().getByText(`{"order":"${id}"}`).waitFor();
    await dialog().getByLabel('Reject').check();
    await dialog().getByLabel('Reason').fill('too dear');
    await confirm('Preview');
    await dialog().getByText('would be accepted').nth(1).waitFor();
    await confirm('Decide 2');
    await dialog().getByText('accepted', { exact: true }).nth(1).waitFor();
    await confirm('Close');
    for (const id of together) await page.getByLabel(`Choose ${id}`).waitFor({ state: 'detached' });
  });

  it('looks well', async () => {
    await open(`/inbox?id=${alone}`, { user: 'sue', width: 360, theme: 'dark' });
    await page.getByRole('cell', { name: 'ApprovalRequested' }).waitFor();
    await keepPicture(page, 'approval-dark-360');
    expect(await violationsOf(page)).toEqual([]);
  });
});

it('others are not offered what operators do, and are told so', async () => {
  await open('/operations/workers', { user: 'eve' });
  await page.getByText('Not for you').first().waitFor();
  expect(await page.getByRole('link', { name: 'Workers' }).count()).toBe(0);
});

const PAGES = [
  ['inbox', '/inbox'],
  ['workers', '/operations/workers'],
  ['relays', '/operations/relays'],
  ['views', '/operations/views'],
  ['schedules', '/operations/schedules'],
  ['schedule', `/operations/schedules?schedule=${SCHEDULE}`],
  ['imports', '/operations/imports'],
  ['callbacks', '/operations/callbacks'],
  ['doctor', '/operations/doctor'],
  ['audit', '/operations/audit'],
  ['view', `/operations/views?view=${VIEW}`],
] as const;

it.each(LOOKS)(
  'in the $theme theme, $width pixels wide, axe finds nothing, and nothing scrolls sideways',
  async (look) => {
    await open('/', look);
    const found: string[] = [];
    for (const [name, path] of pagesFor(PAGES, look)) {
      await page.goto(`${base}${path}`);
      await page.locator('.operations .panel').first().waitFor();
      await page.locator('.loading').first().waitFor({ state: 'detached' });
      found.push(...(await faultsOf(page, name, look)));
    }
    expect(found).toEqual([]);
  },
);

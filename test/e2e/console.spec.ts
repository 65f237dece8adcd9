import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { command, post } from '../support/account-rest.js';
import { faultsOf, LOOKS, openPage, pagesFor, startBrowser, type Theme } from '../support/browser.js';

const base = process.env['PERDURE_URL'] ?? '';
const wait = { prefer: 'wait=20' };
const id = `console-${randomUUID()}`;
const transfer = `console-${randomUUID().slice(0, 8)}`;

let browser: Browser;
let page: Page;
let complaints: readonly string[];

beforeAll(async () => {
  await command(base, id, 'open', { owner: 'demo', currency: 'EUR' }, wait);
  await command(base, id, 'deposit', { amount: 10_000 }, wait);
  await command(base, `${id}-2`, 'open', { owner: 'demo', currency: 'EUR' }, wait);
  await post(
    `${base}/v1/transfers/${transfer}/start`,
    { from: id, to: `${id}-2`, amount: 700, currency: 'EUR' },
    wait,
  );
  browser = await startBrowser();
});
afterAll(() => browser?.close());
beforeEach(() => open());
afterEach(async () => {
  await page.context().close();
  // The policy refuses nothing of the console's own, and nothing is thrown.
  expect(complaints).toEqual([]);
});

async function open(width = 1_280, theme: Theme = 'light'): Promise<void> {
  ({ page, complaints } = await openPage(browser, { width, theme }));
}

const goTo = (path: string) => page.goto(`${base}${path}`);
const heading = (name: string) => page.getByRole('heading', { level: 1, name }).waitFor();

/** In the page: what has the focus, and its label. */
const FOCUSED =
  'document.activeElement.textContent + [...(document.activeElement.labels ?? [])].map((one) => one.textContent)';

/** Presses Tab until something of this name has the focus, as somebody without a mouse does. */
async function tabTo(name: string): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate<string>(FOCUSED);
    if (focused.includes(name)) return;
  }
  throw new Error(`80 Tabs do not reach ${name}`);
}

describe('by mouse', () => {
  it('an account is found in the list, and money is paid in', async () => {
    await goTo('/');
    await heading('Home');
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Accounts' }).click();
    await page.getByLabel('Owner').fill('demo');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByRole('link', { name: id, exact: true }).click();
    await heading(id);
    await page.getByText('EUR 93.00').first().waitFor();
    await page.getByRole('link', { name: 'Commands' }).click();
    await page.getByLabel('Amount').fill('2500');
    await page.getByText('EUR 25.00').waitFor();
    await page.getByRole('button', { name: 'Deposit' }).click();
    await page.getByText('MoneyDeposited').waitFor();
    // The page follows the feed of the account.
    await page.getByText('balance EUR 118.00').waitFor();
  });

  it('a list is filtered, and its filters stand in the address', async () => {
    await goTo('/entities/transfer');
    await page.getByLabel('Status').selectOption('completed');
    await page.waitForURL('**/entities/transfer?status=completed');
    await page.getByRole('link', { name: transfer }).waitFor();
    await page.getByLabel('Status').selectOption('compensated');
    await page.waitForURL('**/entities/transfer?status=compensated');
    await page.getByRole('link', { name: transfer }).waitFor({ state: 'detached' });
    await page.goBack();
    await page.getByRole('link', { name: transfer }).waitFor();
  });

  it('a view of a list is named, found again, and forgotten', async () => {
    await goTo('/entities/transfer?status=completed');
    await page.getByLabel('Name of this view').fill('Done transfers');
    await page.keyboard.press('Enter');
    await page.goto(`${base}/`);
    await heading('Home');
    await page.keyboard.press('/');
    await page.keyboard.type('done tr');
    await page.getByRole('option', { name: 'Done transfers', selected: true }).waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/entities/transfer?status=completed');
    await page.getByRole('list', { name: 'Saved views' }).getByText('Done transfers').waitFor();
    await page.getByRole('button', { name: 'Forget Done transfers' }).click();
    await page.getByLabel('Name of this view').waitFor();
  });

  it('a saga is a diagram of its steps', async () => {
    await goTo(`/entities/transfer/${transfer}`);
    const steps = page.getByRole('region', { name: 'Steps' }).getByRole('listitem');
    await steps.filter({ hasText: 'capture' }).getByText('done').waitFor();
    expect(await steps.allTextContents()).toEqual([
      expect.stringContaining('hold'),
      expect.stringContaining('deposit'),
      expect.stringContaining('capture'),
    ]);
  });

  it('steps that have not begun are shown, with what they wait for', async () => {
    const limit = { amount: 100, candidates: ['role:supervisor'], needed: 1, withinSeconds: 600 };
    const account = `${id}-3`;
    await command(base, account, 'open', { owner: 'demo', currency: 'EUR' }, wait);
    await command(base, account, 'deposit', { amount: 1_000 }, wait);
    await command(base, account, 'set-approval-limit', limit, wait);
    const waiting = `${transfer}-2`;
    const input = { from: account, to: `${id}-2`, amount: 700, currency: 'EUR' };
    await post(`${base}/v1/transfers/${waiting}/start`, input, wait);
    await goTo(`/entities/transfer/${waiting}`);
    const steps = page.getByRole('region', { name: 'Steps' }).getByRole('listitem');
    await steps.nth(0).getByText('Waits for people or another process').waitFor();
    await steps.nth(1).getByText('not begun').waitFor();
    await steps.nth(1).getByText('Begins after hold').waitFor();
    await steps.nth(2).getByText(`CaptureHold to account ${account}`).waitFor();
    await page.getByText('0 of 3 steps are done').waitFor();
  });

  it('a command is tried before it is sent', async () => {
    await goTo(`/entities/account/${id}?tab=command&verb=withdraw`);
    await page.getByLabel('Amount').fill('99999999');
    await page.getByRole('button', { name: 'Dry run' }).click();
    await page.getByText('It would be rejected').waitFor();
    await page.getByRole('link', { name: 'ACCOUNT.INSUFFICIENT_FUNDS' }).waitFor();
    await page.getByLabel('Amount').fill('1');
    await page.getByRole('button', { name: 'Dry run' }).click();
    await page.getByText('It would be accepted. Nothing was stored').waitFor();
    const changes = page.getByRole('region', { name: 'Changes' });
    await changes.getByRole('row', { name: /^available EUR \d+\.\d\d EUR / }).waitFor();
  });

  it('each revision says what it changed, and why all is as it is', async () => {
    await goTo(`/entities/account/${id}?tab=history&revision=1`);
    const changed = page.getByRole('region', { name: 'What event 1 changed' });
    await changed.getByRole('row', { name: /^balance EUR 0.00 EUR 100.00$/ }).waitFor();
    await page.getByRole('row', { name: /^balance EUR 100.00 MoneyDeposited/ }).waitFor();
    await page.getByRole('button', { name: 'One before' }).click();
    await page.waitForURL(/revision=0$/);
    await page.getByRole('region', { name: 'What event 0 changed' }).getByText('owner').waitFor();
    await page.getByLabel('Revision', { exact: true }).focus();
    await page.keyboard.press('ArrowRight');
    await changed.waitFor();
  });

  it('the timeline leads from a command to what came of it', async () => {
    await goTo(`/entities/account/${id}`);
    const chart = page.getByRole('region', { name: 'Timeline on one axis' });
    await chart.getByText('Events', { exact: true }).waitFor();
    const opened = page.getByRole('listitem').filter({ hasText: 'AccountOpened' }).last();
    await opened.getByRole('button').first().click();
    await opened.getByRole('link', { name: 'All of this command' }).click();
    await page.waitForURL(/command=/);
    await page.getByLabel('Command id').and(page.locator(':not([value=""])')).waitFor();
    await page.getByRole('button', { name: 'Zoom in' }).click();
    await chart.locator('[data-faded]').first().waitFor();
  });

  it('mistakes are shown at their fields', async () => {
    await goTo(`/entities/account/${id}?tab=command&verb=place-hold`);
    await page.getByLabel('Amount').fill('1');
    await page.getByLabel('Hold id').fill('not an id');
    await page.getByRole('button', { name: 'Place hold' }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByLabel('Hold id').getAttribute('aria-invalid')).toBe('true');
    expect(await page.getByLabel('Amount').getAttribute('aria-invalid')).toBe('false');
  });

  it('what a role may not do is not offered', async () => {
    await goTo(`/entities/account/${id}?tab=command`);
    await page.getByRole('link', { name: 'Freeze', exact: true }).waitFor();
    await page.getByLabel('Act as').selectOption('eve');
    await page.getByRole('link', { name: 'Freeze', exact: true }).waitFor({ state: 'detached' });
    await goTo('/entities/callback');
    await page.getByText('Not for you').waitFor();
  });
});

describe('by keyboard', () => {
  it('an account is opened by its id, and money is paid in', async () => {
    await goTo('/');
    await heading('Home');
    await page.keyboard.press('/');
    await page.keyboard.type(`account ${id}-2`);
    await page.getByRole('option', { name: `${id}-2`, selected: true }).waitFor();
    await page.keyboard.press('Enter');
    await heading(`${id}-2`);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('deposit');
    await page.getByRole('option', { name: 'Deposit …', selected: true }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Deposit' }).waitFor();
    await tabTo('Amount');
    await page.keyboard.type('100');
    await page.keyboard.press('Enter');
    await page.getByText('MoneyDeposited').waitFor();
  });

  it('rows are walked through by arrows', async () => {
    await goTo('/entities/account?owner=demo');
    await page.getByRole('link', { name: id, exact: true }).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await heading(`${id}-2`);
  });

  it('the theme is chosen, and kept', async () => {
    await goTo('/');
    await heading('Home');
    await page.keyboard.press('/');
    await page.keyboard.type('theme dark');
    await page.keyboard.press('Enter');
    await page.reload();
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
  });
});

it('new events appear without a reload, the latest first', async () => {
  await goTo(`/entities/account/${id}?tab=events`);
  await page.getByText('live', { exact: true }).waitFor();
  await command(base, id, 'freeze', { reason: 'a test' }, wait);
  const first = page
    .getByRole('region', { name: /events$/ })
    .getByRole('button')
    .first();
  await first.getByText('AccountFrozen').waitFor();
  await command(base, id, 'unfreeze', { reason: 'a test' }, wait);
  await first.getByText('AccountUnfrozen').waitFor();
  await first.click();
  await page.getByText('"type": "AccountUnfrozen"').waitFor();
});

it('loads at most 200 kB before its first page, and keeps what has a hash', async () => {
  const html = await (await fetch(`${base}/`)).text();
  const assets = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => String(path));
  let bytes = 0;
  for (const path of assets) {
    const { headers } = await fetch(`${base}${path}`, {
      method: 'HEAD',
      headers: { 'accept-encoding': 'gzip' },
    });
    expect(headers.get('content-encoding')).toBe('gzip');
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    bytes += Number(headers.get('content-length'));
  }
  expect(assets.length).toBeGreaterThan(1);
  expect(bytes).toBeLessThan(200_000);
});

const PAGES = [
  ['home', '/', 'Home'],
  ['list', '/entities/account', 'Accounts'],
  ['timeline', `/entities/account/${id}?tab=timeline`, id],
  ['account', `/entities/account/${id}?tab=state`, id],
  ['history', `/entities/account/${id}?tab=history&revision=1`, id],
  ['events', `/entities/account/${id}?tab=events`, id],
  ['command', `/entities/account/${id}?tab=command&verb=place-hold`, id],
  ['saga', `/entities/transfer/${transfer}`, transfer],
  ['state', `/entities/transfer/${transfer}?tab=state`, transfer],
  ['nothing', '/nothing', 'No such page'],
] as const;

it.each(LOOKS)(
  'in the $theme theme, $width pixels wide, axe finds nothing, and nothing scrolls sideways',
  async (look) => {
    const { theme, width } = look;
    await page.context().close();
    await open(width, theme);
    const found: string[] = [];
    for (const [name, path, title] of pagesFor(PAGES, look)) {
      await goTo(path);
      await heading(title);
      await page.locator('[aria-busy=true], .loading').first().waitFor({ state: 'detached' });
      found.push(...(await faultsOf(page, name, look)));
    }
    expect(found).toEqual([]);
  },
);

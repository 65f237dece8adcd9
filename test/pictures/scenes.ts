import type { Page } from 'playwright-core';
import type { Theme } from '../support/browser.js';
import { STORY } from './story.js';

/** A picture: the page, and what it has to show before the picture is taken. */
export interface Scene {
  readonly name: string;
  readonly user: string;
  readonly path: string;
  readonly theme?: Theme;
  readonly width?: number;
  /** Leads there, and fails unless the page shows what the text says. */
  readonly show: (page: Page) => Promise<void>;
  /** What is done once the picture is taken: it is part of the story. */
  readonly after?: (page: Page) => Promise<void>;
}

const { customer, cart, checkout, transfer, payment } = STORY;
const SUBJECT = `Hold on account ${customer}`;

const text = (page: Page, words: string | RegExp): Promise<void> => page.getByText(words).first().waitFor();
const stepsOf = (page: Page) => page.getByRole('region', { name: 'Steps' }).getByRole('listitem');
const confirm = (page: Page, verb: string): Promise<void> =>
  page.getByRole('dialog').getByRole('button', { name: verb, exact: true }).click();

/** In the order of the story. */
export const SCENES: readonly Scene[] = [
  {
    name: 'home',
    user: 'demo',
    path: '/',
    show: async (page) => {
      const needs = page.getByRole('list', { name: 'Needs a person' });
      await needs.getByRole('link', { name: SUBJECT }).waitFor();
      await text(page, 'commands per second');
      for (const service of ['account', 'cart', 'inventory', 'desk']) {
        await page.getByRole('region', { name: 'Services' }).getByText(service, { exact: true }).waitFor();
      }
    },
  },
  {
    name: 'saga',
    user: customer,
    path: `/entities/transfer/${transfer}`,
    show: async (page) => {
      await text(page, '0 of 3 steps are done. hold is running.');
      await stepsOf(page).nth(0).getByText('Waits for people or another process').waitFor();
      await stepsOf(page).nth(1).getByText('Begins after hold').waitFor();
      await stepsOf(page).nth(2).getByText('not begun').waitFor();
    },
  },
  {
    name: 'approval',
    user: 'sue',
    path: '/inbox',
    show: async (page) => {
      await page.getByRole('link', { name: SUBJECT }).click();
      await page.getByRole('button', { name: /^Approve / }).waitFor();
      await page.getByText('EUR 700.00', { exact: true }).first().waitFor();
      await text(page, /^SHA-256 [0-9a-f]{64}$/);
      await page.getByRole('cell', { name: 'ApprovalRequested' }).waitFor();
    },
    after: async (page) => {
      await page.getByRole('button', { name: /^Approve / }).click();
      await confirm(page, 'Approve');
      await page.getByRole('dialog').getByText('Approve: done').waitFor();
    },
  },
  {
    name: 'purchase',
    user: customer,
    path: `/entities/checkout/${checkout}`,
    show: async (page) => {
      await text(page, /^Completed after .*7 of 7 steps are done\.$/);
      await stepsOf(page).filter({ hasText: 'reserve-1' }).getByText('done', { exact: true }).waitFor();
    },
  },
  {
    name: 'timeline',
    user: 'demo',
    path: `/entities/account/${customer}`,
    show: async (page) => {
      await text(page, 'balance EUR 220.02 · held EUR 0.00 · available EUR 220.02');
      const chart = page.getByRole('region', { name: 'Timeline on one axis' });
      for (const lane of ['Requests', 'Receipts', 'Events', 'Sagas', 'Approvals']) {
        await chart.getByText(lane, { exact: true }).waitFor();
      }
      await page.getByRole('listitem').filter({ hasText: 'HoldCaptured' }).first().waitFor();
    },
  },
  {
    name: 'history',
    user: 'demo',
    path: `/entities/account/${customer}?tab=history&revision=3`,
    show: async (page) => {
      const changed = page.getByRole('region', { name: 'What event 3 changed' });
      await changed.getByRole('row', { name: /^balance EUR 950\.00 EUR 920\.02$/ }).waitFor();
      const why = page.getByRole('row', { name: /^balance EUR 920\.02 HoldCaptured \(3\)/ });
      await why.getByRole('link', { name: `checkout ${checkout}` }).waitFor();
    },
  },
  {
    name: 'dry-run',
    user: customer,
    path: `/entities/account/${customer}?tab=command&verb=withdraw`,
    show: async (page) => {
      await page.getByLabel('Amount').fill('22000');
      await text(page, 'EUR 220.00');
      await page.getByRole('button', { name: 'Dry run' }).click();
      await text(page, 'It would be accepted. Nothing was stored');
      await page.getByRole('row', { name: /^balance EUR 220\.02 EUR 0\.02$/ }).waitFor();
    },
  },
  {
    name: 'flow-dark',
    user: 'demo',
    theme: 'dark',
    path: `/entities/cardPayment/${payment}`,
    show: async (page) => {
      await text(page, 'It waits for the timer settle until');
      await text(page, /^charge pay_\S+ · state succeeded$/);
      await page.getByRole('listitem').filter({ hasText: 'timer settle' }).getByText('waiting').waitFor();
    },
  },
  {
    name: 'search',
    user: 'demo',
    path: '/',
    show: async (page) => {
      await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor();
      await page.keyboard.press('/');
      await page.keyboard.type('alice');
      for (const found of [customer, cart, payment]) {
        await page.getByRole('dialog').getByRole('option').filter({ hasText: found }).first().waitFor();
      }
    },
  },
  {
    name: 'phone',
    user: customer,
    width: 360,
    path: `/entities/cart/${cart}?tab=state`,
    show: async (page) => {
      await page.getByRole('heading', { level: 1, name: cart }).waitFor();
      await text(page, 'EUR 29.98');
      await page.locator('.status[data-status=completed]').first().waitFor();
    },
  },
];

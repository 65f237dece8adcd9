import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type { Need } from '#contracts/overview.js';
import { allAnswer, eventually } from '../support/account-rest.js';
import { keepPicture, openPage, startBrowser } from '../support/browser.js';
import { confirmDialog, doneInDialog } from '../support/console-dialog.js';
import { placesChosen } from '../support/depth.js';
import { FAULTS, needsOf, WALKER } from '../support/faults.js';
import { url } from '../support/shop.js';

/** From the home page to the end of what mends it. */
const MOST_CLICKS = 4;
const TEST_MILLISECONDS = 240_000;

let browser: Browser;
let page: Page;
let complaints: readonly string[];
let clicks: number;

beforeAll(async () => {
  await allAnswer([url('/health/ready')], 120_000);
  browser = await startBrowser();
});
afterAll(() => browser?.close());
afterEach(() => page.context().close());

async function click(role: 'link' | 'button', name: string | RegExp, within = page.locator('main')) {
  await within.getByRole(role, { name, exact: true }).first().click();
  clicks += 1;
}

async function confirmed(verb: string): Promise<void> {
  await doneInDialog(page, verb);
  clicks += 1;
}

/** What an operator does on the page of a need, by its kind alone. */
const MENDS: Readonly<Record<Need['kind'], () => Promise<void>>> = {
  'stuck-saga': async () => {
    await click('link', 'Resolve');
    await page.getByLabel('Note').fill('They have it, and have sent it');
    await click('button', 'Resolve step');
    await page.getByText('StepResolved').waitFor();
  },
  'parked-entity': async () => {
    await click('button', /^Retry account-default/);
    await confirmed('Retry');
  },
  'relay-standing': async () => {
    await click('button', /^Resume .*-relay$/);
    await confirmed('Resume');
  },
  drift: async () => {
    await click('button', 'Examine');
    await click('button', 'Heal what differs');
    await confirmDialog(page, 'Heal');
    clicks += 1;
    await page.getByText(/Done\. 1 differences, 1 healed/).waitFor();
  },
  'lost-flow': async () => {
    await click('link', 'Restart');
    await click('button', 'Restart');
    await page.getByText('FlowRestarted').waitFor();
  },
  'worker-restarts': async () => {
    await click('button', /^Acknowledge process/);
    await confirmed('Acknowledge');
  },
  'approval-due': async () => {
    await click('button', /^Approve/);
    await confirmed('Approve');
  },
  'unclaimed-callback': async () => {
    await click('button', /^Discard/);
    await confirmed('Discard');
  },
  // These are mended elsewhere: their pages say where.
  'hot-entity': () => page.getByText('Find out who sends so much').waitFor(),
  'server-away': () => page.getByText('Start it again').first().waitFor(),
  'view-lag': () => page.getByText('a process with the role projector').waitFor(),
};

const keyOf = ({ kind, title }: Pick<Need, 'kind' | 'title'>): string => `${kind} ${title}`;
const isChosen = placesChosen('faults of the console', 3);

describe('who follows only the first item of what needs a person', () => {
  it.each(FAULTS.filter((_, place) => isChosen(place)))(
    'mends $name in at most four clicks',
    async ({ cause }) => {
      // What other tests have left is theirs.
      const before = new Set((await needsOf()).map(keyOf));
      const caused = await cause();
      try {
        const isNew = (need: Need): boolean => !before.has(keyOf(need));
        // What only follows from the fault may come and go by itself.
        const needs = await eventually(
          needsOf,
          (all) => all.find(isNew)?.title.includes(caused.title) === true,
        );
        const first = needs.find(isNew) as Need;
        expect(first.kind).toBe(caused.kind);

        ({ page, complaints } = await openPage(browser, { user: WALKER }));
        await page.goto(url('/'));
        clicks = 0;
        const list = page.getByRole('list', { name: 'Needs a person' });
        const item = list.getByRole('link', { name: first.title, exact: true });
        await item.waitFor();
        const shown = await list.getByRole('link').allTextContents();
        const older = new Set([...before].map((key) => key.slice(key.indexOf(' ') + 1)));
        expect(shown.find((title) => !older.has(title))).toBe(first.title);
        await item.click();
        clicks += 1;
        await page.getByRole('list', { name: 'Needs a person here' }).getByText(first.title).waitFor();
        await keepPicture(page, `fault-${first.kind}`);
        await MENDS[first.kind]();
        expect(clicks).toBeLessThanOrEqual(MOST_CLICKS);
        await caused.repair?.();

        await eventually(needsOf, (all) => all.every((need) => keyOf(need) !== keyOf(first)));
        await page.goto(url('/'));
        await page.getByRole('region', { name: 'Needs a person' }).waitFor();
        await page.getByRole('link', { name: first.title, exact: true }).waitFor({ state: 'detached' });
        await eventually(caused.works, Boolean);
        // Nothing that followed from it is left, either.
        await eventually(needsOf, (all) => !all.some(isNew), 120_000);
        expect(complaints).toEqual([]);
      } finally {
        await caused.undo?.();
      }
    },
    TEST_MILLISECONDS,
  );
});

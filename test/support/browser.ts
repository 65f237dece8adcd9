import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { cellsChosen } from './depth.js';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
];

/** Screenshots are for people: they are kept outside of the project. */
const PICTURES = process.env['CONSOLE_PICTURES'] ?? join(tmpdir(), 'perdure-console');

export type Theme = 'light' | 'dark';

/** How pages look: in both themes, wide, and as narrow as a phone. */
export const LOOKS = [
  { theme: 'light', width: 1_280 },
  { theme: 'light', width: 360 },
  { theme: 'dark', width: 1_280 },
  { theme: 'dark', width: 360 },
] as const;

/** Those of the pages that are looked at in a look: each page has one, by the seed, or all. */
export function pagesFor<Page>(pages: readonly Page[], look: (typeof LOOKS)[number]): readonly Page[] {
  const isChosen = cellsChosen('looks of pages', LOOKS.length);
  return pages.filter((_, row) => isChosen(row, LOOKS.indexOf(look)));
}

/** Chromium, from `CHROMIUM_PATH` or where distributions put it. */
function chromiumPath(): string {
  const path = process.env['CHROMIUM_PATH'] ?? PLACES.find(existsSync);
  if (path === undefined) {
    throw new Error('There is no Chromium: run `apt-get install chromium`, or set CHROMIUM_PATH to one.');
  }
  return path;
}

/** Starts a browser without a window. */
export function startBrowser(): Promise<Browser> {
  // As root, Chromium runs only without its sandbox.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: chromiumPath(), args });
}

/** What axe found on a page, as a line for each rule. */
export async function violationsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate<Violation[]>('axe.run().then(({ violations }) => violations)');
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
  );
}

/** Keeps a picture of a page, and returns what axe finds on it, and whether it scrolls sideways. */
export async function faultsOf(
  page: Page,
  name: string,
  { theme, width }: (typeof LOOKS)[number],
): Promise<readonly string[]> {
  await keepPicture(page, `${name}-${theme}-${width}`);
  const faults = [...(await violationsOf(page))];
  const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
  if (wide > width) faults.push(`${wide} pixels wide`);
  return faults.map((fault) => `${name}: ${fault}`);
}

/** A page of its own, and what it complains of: what the policy refuses, and what is thrown. */
export interface WatchedPage {
  readonly page: Page;
  readonly complaints: readonly string[];
}

/** Opens a page as a local user. */
export async function openPage(
  browser: Browser,
  { width = 1_280, theme = 'light', user = 'demo' }: { width?: number; theme?: Theme; user?: string } = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme: theme });
  const page = await context.newPage();
  const asUser = `localStorage.getItem('user') ?? localStorage.setItem('user', '${user}')`;
  await page.addInitScript(asUser);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // On a loaded machine a server may be late: the pages show that, and ask again.
    const isRefusal = /the server responded with a status of (4\d\d|503)/.test(message.text());
    if (message.type() === 'error' && !isRefusal) complaints.push(message.text());
  });
  return { page, complaints };
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly string[] }[];
}

/** Keeps a picture of what is shown. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}

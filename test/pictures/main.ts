// npm run docs:pictures: takes the pictures of docs/console.md from a running stack that is empty.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { openPage, startBrowser } from '../support/browser.js';
import { type Scene, SCENES } from './scenes.js';
import { tellStory } from './story.js';

const url = process.env['PERDURE_URL'] ?? 'http://127.0.0.1:3000';
const FOLDER = 'docs/pictures';
const HEIGHT = 800;
const LEAST_HEIGHT = 460;
const MARGIN = 24;
/** For a loaded machine. */
const PATIENCE_MILLISECONDS = 120_000;

async function take(browser: Browser, { name, user, path, show, after, ...look }: Scene): Promise<void> {
  const { page, complaints } = await openPage(browser, { user, ...look });
  page.setDefaultTimeout(PATIENCE_MILLISECONDS);
  await page.goto(`${url}${path}`);
  await show(page);
  await page.locator('.loading').first().waitFor({ state: 'detached' });
  const clip = { x: 0, y: 0, width: look.width ?? 1_280, height: await heightOf(page) };
  await page.screenshot({ path: join(FOLDER, `${name}.png`), clip, animations: 'disabled' });
  await after?.(page);
  if (complaints.length > 0) throw new Error(`${name}: ${complaints.join('; ')}`);
  await page.context().close();
  console.log(`${name}.png`);
}

/** Without the empty rest of a page that is short. */
async function heightOf(page: Page): Promise<number> {
  const bottom = await page.evaluate<number>(
    "Math.max(...[...document.querySelectorAll('.page > *, dialog[open]')].map((one) => one.getBoundingClientRect().bottom))",
  );
  return Math.min(HEIGHT, Math.max(LEAST_HEIGHT, Math.ceil(bottom) + MARGIN));
}

mkdirSync(FOLDER, { recursive: true });
const browser = await startBrowser();
try {
  await tellStory(url);
  for (const scene of SCENES) await take(browser, scene);
} finally {
  await browser.close();
}

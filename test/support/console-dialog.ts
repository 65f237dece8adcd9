import type { Page } from 'playwright-core';

/** Fills in what a dialog asks for, the name of the thing and a reason too, and confirms it. */
export async function confirmDialog(page: Page, verb: string, text?: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  const name = dialog.getByLabel(/^Type .* to confirm$/);
  if ((await name.count()) > 0) await name.fill(String(await name.getAttribute('title')));
  const reason = dialog.getByLabel(/^Reason/);
  if ((await reason.count()) > 0) await reason.fill('a reason of a test');
  if (text !== undefined) await dialog.locator('[name=text]').fill(text);
  await dialog.getByRole('button', { name: verb, exact: true }).click();
}

/** The same, until it is done. What came of it is shown; it is closed again. */
export async function doneInDialog(page: Page, verb: string, text?: string): Promise<string> {
  const dialog = page.getByRole('dialog');
  await confirmDialog(page, verb, text);
  await dialog.getByText(`${verb}: done`).waitFor();
  const shown = await dialog.innerText();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  return shown;
}

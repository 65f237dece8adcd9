import { eventually } from './account-rest.js';

/** The metrics of the account service, once they have all of these lines. */
export function accountMetrics(lines: readonly RegExp[]): Promise<string> {
  return eventually(
    async () => (await fetch(`${process.env['ACCOUNT_URL']}/metrics`)).text(),
    (text) => lines.every((line) => line.test(text)),
  );
}

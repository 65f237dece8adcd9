import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { localLinks } from './local-links.js';
import { localSecret } from './local-secret.js';
import { localWebhooks } from './local-webhooks.js';
import { silentProgress } from './progress.js';
import { resetStack } from './reset-stack.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'reset-'));
});
afterEach(() => rmSync(home, { recursive: true }));

it('removes what the stack has made, its secrets and the data of its sandboxes too', async () => {
  for (const folder of ['kafka', 'logs', 'postgres', 'run', 'sandbox', 'temporal', 'tokens']) {
    mkdirSync(join(home, folder));
    writeFileSync(join(home, folder, 'data'), 'data');
  }
  localLinks('.', home, {});
  localWebhooks('http://127.0.0.1:3000', home, {});
  localSecret(join(home, 'secrets'), 'callback-secret');
  await resetStack(home, silentProgress);
  expect(readdirSync(home)).toEqual([]);
});

it('leaves what others have put there', async () => {
  writeFileSync(join(home, 'notes.txt'), 'mine');
  await resetStack(home, silentProgress);
  expect(readdirSync(home)).toEqual(['notes.txt']);
});

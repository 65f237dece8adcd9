import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const run = promisify(execFile);
const root = resolve('.');

const PROGRAM = `
import { createPerdureClient, PerdureProblem } from 'perdure-client';

const { URL: url = '', TOKEN: token = '', ID: id = '' } = process.env;
const perdure = createPerdureClient({ url, token });
const account = perdure.entity('account', id);
await account.execute('Open', { owner: id, currency: 'EUR' });
const { commandId } = await account.send('Deposit', { amount: 5 }, { key: 'k' });
for await (const { stage } of account.stages(commandId)) console.log(stage);
const { isReplayed, revision } = await account.execute('Deposit', { amount: 5 }, { key: 'k' });
const { balance } = await account.state();
console.log(JSON.stringify({ isReplayed, revision, balance }));
for await (const { event } of account.feed()) {
  if (event.type === 'MoneyDeposited') console.log(event.data.amount);
  if (event.revision === 1) break;
}
try {
  await account.execute('Withdraw', { amount: 50 });
} catch (error) {
  if (error instanceof PerdureProblem) console.log(error.code);
}
for await (const found of perdure.items<{ id: string }>('/v1/accounts', { query: { owner: id } })) {
  console.log(found.id === id);
}
`;
const MISTAKE = `
import { createPerdureClient } from 'perdure-client';
await createPerdureClient({ url: '' }).entity('account', 'a').execute('Deposit', { amount: 'much' });
`;

describe('the package of the client, in an empty project', () => {
  const folder = mkdtempSync(join(tmpdir(), 'perdure-client-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  beforeAll(async () => {
    await run(process.execPath, ['bin/pack-client.mjs']);
    const { stdout } = await run('npm', ['pack', '--silent', join(root, 'build/client')], { cwd: folder });
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const packages = [`./${stdout.trim()}`, join(root, 'node_modules/zod')];
    await run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--install-links', ...packages], {
      cwd: folder,
    });
  }, 120_000);

  function compile(name: string, code: string): Promise<unknown> {
    writeFileSync(join(folder, `${name}.ts`), code);
    const compiler = join(root, 'node_modules/@typescript/native/bin/tsc');
    const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')];
    const options = ['--strict', '--module', 'nodenext', '--target', 'es2023', '--skipLibCheck', ...types];
    return run(process.execPath, [compiler, ...options, `${name}.ts`], { cwd: folder });
  }

  it('checks types, and carries out commands', async () => {
    await compile('program', PROGRAM);
    const env = {
      ...process.env,
      URL: process.env['PERDURE_URL'],
      TOKEN: process.env['PERDURE_TOKEN'],
      ID: `client-${randomUUID()}`,
    };
    const { stdout } = await run(process.execPath, ['program.js'], { cwd: folder, env });
    expect(stdout.trim().split('\n')).toEqual([
      ...['decided', 'appended', 'relayed', 'projected'],
      '{"isReplayed":true,"revision":1,"balance":5}',
      '5',
      'ACCOUNT.INSUFFICIENT_FUNDS',
      'true',
    ]);
  });

  it('refuses data that the contract does not know', async () => {
    await expect(compile('mistake', MISTAKE)).rejects.toMatchObject({
      stdout: expect.stringContaining("'string' is not assignable to type 'number'"),
    });
  });

  it('loads no schemas', async () => {
    const loads = 'await import("perdure-client")';
    rmSync(join(folder, 'node_modules/zod'), { recursive: true });
    await run(process.execPath, ['--input-type=module', '-e', loads], { cwd: folder });
  });
});

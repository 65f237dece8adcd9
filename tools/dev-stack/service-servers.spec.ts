import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { parseConfig } from '#libs/service/config-file/config-file.js';
import { terminalProgress } from './progress.js';
import { serviceServers } from './services.js';
import { stackAddresses } from './stack-addresses.js';
import { stackProcesses } from './stack-processes.js';
import { readSettings } from './stack-settings.js';

const home = mkdtempSync(join(tmpdir(), 'perdure-services-'));
afterAll(() => rmSync(home, { recursive: true }));
const settings = readSettings('/project', { PERDURE_HOME: home, AUTH: 'off' });

function serversOf(text: string, port = 4_000) {
  const processes = stackProcesses(parseConfig(text, 'p.yaml', '/'), []).map((one) => {
    return one.isFront ? one : { ...one, port };
  });
  return serviceServers(settings, stackAddresses(settings), processes);
}

const environmentOf = async (server: ReturnType<typeof serversOf>[number] | undefined) =>
  (await server?.prepare(terminalProgress().step(''), new AbortController().signal))?.env;

it('without a file, each service is one process on its port', async () => {
  const servers = serversOf('');
  expect(servers.map(({ name, address }) => `${name} ${address}`)).toEqual([
    'account http://127.0.0.1:3001',
    'cart http://127.0.0.1:3002',
    'inventory http://127.0.0.1:3003',
    'desk http://127.0.0.1:3004',
    'sandbox http://127.0.0.1:3009',
    'payment-sandbox http://127.0.0.1:3008',
    'mail-sandbox http://127.0.0.1:3026',
    'console http://127.0.0.1:3000',
  ]);
  expect(servers[0]).toMatchObject({ title: 'Account service', needs: expect.arrayContaining(['kafka']) });
  expect(servers.at(-1)?.needs).toEqual(['account', 'cart', 'inventory', 'desk']);
  const environment = await environmentOf(servers[0]);
  expect(environment).toMatchObject({ PORT: '3001', ACCOUNT_URL: 'http://127.0.0.1:3001' });
  expect(environment).not.toHaveProperty('PERDURE_PROCESS');
});

it('with a file, a process has its name, its restarts and, unless it serves requests, another port', async () => {
  const servers = serversOf(`
processes:
  account: { workers: [{ roles: [api] }] }
  account-work: { service: account, workers: [{ roles: [entities] }], restart: {} }
`);
  const [account, work] = servers;
  expect(account?.address).toBe('http://127.0.0.1:3001');
  expect(work).toMatchObject({
    title: 'Account service (account-work)',
    address: 'http://127.0.0.1:4000',
    restart: { maxAttempts: 5, backoffMs: 1_000, windowMs: 60_000 },
  });
  expect(await environmentOf(work)).toMatchObject({ PORT: '4000', PERDURE_PROCESS: 'account-work' });
  expect(servers.at(-1)?.needs).toEqual(['account', 'account-work']);
});

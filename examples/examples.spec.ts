import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { freePorts } from '#tools/dev-stack/port.js';
import { eventually, post, request } from '../test/support/account-rest.js';

jest.setTimeout(240_000);

const wait = { prefer: 'wait=20' };
let app: ChildProcess | undefined;
let url: string;

/** Starts the application of an example, as its README says. */
async function start(example: string): Promise<void> {
  const [port] = await freePorts(1);
  url = `http://127.0.0.1:${port}`;
  const env = {
    ...process.env,
    PORT: String(port),
    LOG_LEVEL: 'silent',
    KAFKAJS_NO_PARTITIONER_WARNING: '1',
  };
  app = spawn(process.execPath, [`dist/examples/${example}/main.js`], { env, stdio: 'ignore' });
  await eventually(
    () => request(`${url}/health/ready`),
    ({ status }) => status === 200,
    120_000,
  );
}

/** Stops the application as Ctrl-C does. */
async function stop(): Promise<NodeJS.Signals | number | null> {
  if (!app) return null;
  const ended = once(app, 'exit');
  app.kill('SIGINT');
  const [code, signal] = (await ended) as [number | null, NodeJS.Signals | null];
  app = undefined;
  return signal ?? code;
}

afterEach(async () => void (await stop()));

const add = (id: string, title: string) => post(`${url}/v1/books/${id}/add`, { title }, wait);
const lend = (id: string, reader: string) => post(`${url}/v1/books/${id}/lend`, { reader }, wait);
const book = async (id: string) => (await request(`${url}/v1/books/${id}`)).body;

describe('01-an-entity and 02-commands-from-code', () => {
  it('lends a book once, to REST and to a program', async () => {
    await start('01-an-entity');
    expect((await add('dune', 'Dune')).status).toBe(201);
    expect((await lend('dune', 'ann')).status).toBe(200);
    expect(await lend('dune', 'bob')).toMatchObject({ status: 409, body: { code: 'BOOK.LENT' } });
    expect(await book('dune')).toMatchObject({ title: 'Dune', reader: 'ann', revision: 1 });

    const run = () =>
      promisify(execFile)(process.execPath, ['dist/examples/02-commands-from-code/main.js'], {
        env: { ...process.env, LIBRARY_URL: url },
      });
    for (const { stdout } of [await run(), await run()]) {
      expect(stdout).toContain('BOOK.NOT_LENT');
      expect(stdout).toContain("[ 'BookAdded' ]");
    }
    expect(await book('emma')).toMatchObject({ title: 'Emma', revision: 0 });
    expect(await stop()).toBe('SIGINT');
  });
});

describe('03-a-view', () => {
  it('lists the books, also by reader', async () => {
    await start('03-a-view');
    expect((await add('walden', 'Walden')).status).toBe(201);
    expect((await lend('walden', 'cleo')).status).toBe(200);
    const item = { id: 'walden', title: 'Walden', reader: 'cleo', timesLent: 1 };
    const lent = await eventually(
      () => request(`${url}/v1/books?reader=cleo`),
      ({ body }) => (body['data'] as readonly object[] | undefined)?.length === 1,
    );
    expect(lent.body['data']).toEqual([item]);
  });
});

describe('04-a-saga', () => {
  const borrow = (id: string, first: string, second: string) =>
    post(`${url}/v1/bundles/${id}/start`, { first, second, reader: 'ann' }, wait);
  const ended = (id: string) =>
    eventually(
      async () => (await request(`${url}/v1/bundles/${id}`)).body['status'],
      (status) => status === 'completed' || status === 'compensated',
      60_000,
    );

  it('lends two books or neither', async () => {
    await start('04-a-saga');
    for (const id of ['ulysses', 'hamlet', 'faust']) expect((await add(id, id)).status).toBe(201);
    await borrow('both', 'ulysses', 'hamlet');
    expect(await ended('both')).toBe('completed');
    expect(await book('hamlet')).toMatchObject({ reader: 'ann' });
    await borrow('neither', 'faust', 'hamlet');
    expect(await ended('neither')).toBe('compensated');
    expect(await book('faust')).not.toHaveProperty('reader');
  });
});

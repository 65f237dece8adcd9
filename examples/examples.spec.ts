import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { freePorts } from '#tools/dev-stack/port.js';
import { eventually, post, request } from '../test/support/account-rest.js';
import { placesChosen } from '../test/support/depth.js';

const wait = { prefer: 'wait=20' };
let app: ChildProcess | undefined;
let desk: ChildProcess | undefined;
let url: string;
let deskUrl = '';

/** A third of the examples, chosen by the seed. */
const isChosen = placesChosen('examples', 3);
const describeIf = (place: number) => (isChosen(place) ? describe : describe.skip);

/** Starts the application of an example, as its README says. */
async function start(example: string): Promise<void> {
  [app, url] = await started(`dist/examples/${example}/main.js`);
}

/** Starts a program on a port of its own, and waits until it is ready. */
async function started(program: string): Promise<[ChildProcess, string]> {
  const [port] = await freePorts(1);
  const address = `http://127.0.0.1:${port}`;
  const env = {
    ...process.env,
    AUTH: 'off',
    CALLBACK_SECRET: 'for-the-addresses-of-a-test-and-only-there',
    PORT: String(port),
    LOG_LEVEL: 'silent',
    KAFKAJS_NO_PARTITIONER_WARNING: '1',
  };
  const child = spawn(process.execPath, [program], { env, stdio: 'ignore' });
  await eventually(
    () => request(`${address}/health/ready`),
    ({ status }) => status === 200,
    120_000,
  );
  return [child, address];
}

/** Stops the application as Ctrl-C does. */
async function stop(): Promise<NodeJS.Signals | number | null> {
  const how = await stopped(app);
  app = undefined;
  return how;
}

async function stopped(child: ChildProcess | undefined): Promise<NodeJS.Signals | number | null> {
  if (!child) return null;
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  const [code, signal] = (await ended) as [number | null, NodeJS.Signals | null];
  return signal ?? code;
}

afterEach(async () => {
  await Promise.all([stop(), stopped(desk)]);
  desk = undefined;
});

const run = promisify(execFile);
const lend = (id: string, reader: string) => post(`${url}/v1/books/${id}/lend`, { reader }, wait);
const book = async (id: string) => (await request(`${url}/v1/books/${id}`)).body;

/** The commands to try an example, word for word except for the address. */
function commandsIn(example: string): string {
  const page = readFileSync(`examples/${example}/README.md`, 'utf8');
  const blocks = [...page.matchAll(/```sh\n(.*?)```/gs)];
  const commands = blocks.at(-1)?.[1] ?? '';
  return commands.replaceAll('http://127.0.0.1:3010', url).replaceAll('http://127.0.0.1:3000', deskUrl);
}

/** Runs the commands of a README in a shell, and returns what they print. */
async function tryOut(script: string): Promise<string> {
  return (await run('bash', ['-c', script])).stdout;
}

/** The same for a README with a pause. What follows it is repeated until it prints all of these. */
async function tryOutUntil(script: string, shown: readonly string[]): Promise<void> {
  const [before = '', after = ''] = script.split(/^sleep \d+$/m);
  const variables = before.match(/^\w+=.*$/gm) ?? [];
  await tryOut(before);
  await eventually(
    () => tryOut([...variables, after].join('\n')),
    (output) => shown.every((text) => output.includes(text)),
    60_000,
  );
}

describeIf(0)('01-an-entity and 02-commands-from-code', () => {
  it('lends a book once, to REST and to a program', async () => {
    await start('01-an-entity');
    const output = await tryOut(commandsIn('01-an-entity'));
    for (const text of ['"events":["BookAdded"]', '"events":["BookLent"]', '"code":"BOOK.LENT"'])
      expect(output).toContain(text);
    expect(await lend('dune', 'bob')).toMatchObject({ status: 409, body: { code: 'BOOK.LENT' } });
    expect(await book('dune')).toMatchObject({ title: 'Dune', reader: 'ann', revision: 1 });

    const env = { ...process.env, LIBRARY_URL: url };
    const program = () => run(process.execPath, ['dist/examples/02-commands-from-code/main.js'], { env });
    for (const { stdout } of [await program(), await program()]) {
      expect(stdout).toContain('BOOK.NOT_LENT');
      expect(stdout).toContain("[ 'BookAdded' ]");
    }
    expect(await book('emma')).toMatchObject({ title: 'Emma', revision: 0 });
    expect(await stop()).toBe('SIGINT');
  });
});

describeIf(1)('03-a-view', () => {
  it('lists the books, also by reader', async () => {
    await start('03-a-view');
    const item = { id: 'walden', title: 'Walden', reader: 'cleo', timesLent: 1 };
    await tryOutUntil(commandsIn('03-a-view'), [JSON.stringify(item)]);
    const { body } = await request(`${url}/v1/books?reader=cleo`);
    expect(body['data']).toEqual([item]);
  });
});

describeIf(2)('04-a-saga', () => {
  it('lends two books or neither', async () => {
    await start('04-a-saga');
    await tryOutUntil(commandsIn('04-a-saga'), ['"status":"completed"', '"status":"compensated"']);
    expect(await book('emma')).toMatchObject({ reader: 'ann' });
    expect(await book('hamlet')).not.toHaveProperty('reader');
  });
});

describeIf(3)('05-a-flow', () => {
  const loan = async (id: string) => (await request(`${url}/v1/loans/${id}`)).body;

  it('reminds a reader, and puts back a book that nobody picks up', async () => {
    await start('05-a-flow');
    await tryOutUntil(commandsIn('05-a-flow'), [
      '"status":"completed"',
      '"code":"LOAN.NOT_PICKED_UP"',
      '{"id":"candide","title":"candide","revision":2',
    ]);
    expect(await book('ivanhoe')).toMatchObject({ reader: 'ann' });
  });

  it('continues after kill -9, and its time passes meanwhile', async () => {
    await start('05-a-flow');
    await post(`${url}/v1/books/macbeth/add`, { title: 'Macbeth' }, wait);
    await post(`${url}/v1/loans/m/start`, { book: 'macbeth', reader: 'ann', lentFor: '3s' }, wait);
    await post(`${url}/v1/loans/m/picked-up`, {}, wait);
    const waiting = await eventually(
      () => loan('m'),
      ({ waits }) => JSON.stringify(waits).includes('lent'),
    );
    const [{ until }] = waiting['waits'] as [{ until: string }];
    await kill(app);
    await eventually(
      async () => new Date().toISOString(),
      (now) => now > until,
    );
    await start('05-a-flow');
    expect(await eventually(() => loan('m'), isCompleted)).toMatchObject({ input: { book: 'macbeth' } });
    const { body } = await request(`${url}/v1/loans/m/events`);
    const types = (body['data'] as readonly { type: string }[]).map(({ type }) => type);
    expect(types.filter((type) => type === 'FlowStarted' || type === 'FlowCompleted')).toEqual([
      'FlowStarted',
      'FlowCompleted',
    ]);
  });

  it('in memory is gone after kill -9, and begins again with nothing', async () => {
    const env = { ...process.env, LENT_FOR: '21d' };
    const runInMemory = async () => {
      const program = spawn(process.execPath, ['dist/examples/05-a-flow/in-memory.js'], { env });
      let output = '';
      program.stdout.on('data', (text: Buffer) => (output += text.toString()));
      await eventually(
        async () => output,
        (text) => text.includes('running') && text.includes('Lend book-default.emma'),
      );
      await kill(program);
      return output;
    };
    const first = await runInMemory();
    expect(first).toContain('LOAN.NOT_PICKED_UP');
    // Nothing tells the second run of the first: not that the loan exists, nor how it ended.
    expect(await runInMemory()).toBe(first);
    expect(first).not.toContain('remindedAt');
  });
});

describeIf(4)('06-an-approval', () => {
  it('fulfils an order that is approved, and no other', async () => {
    [desk, deskUrl] = await started('dist/apps/desk/src/main.js');
    await start('06-an-approval');
    await tryOutUntil(commandsIn('06-an-approval'), ['"outcome":"fulfilled"', '"outcome":"rejected"']);
    const approval = await request(`${deskUrl}/v1/approvals/order-o-8`);
    expect(approval.body).toMatchObject({ status: 'refused', requestedBy: 'orderApproval-default.o-8' });
    expect(await post(`${url}/v1/order-approvals/o-8/decided`, {}, wait)).toMatchObject({ status: 404 });
  });
});

describeIf(5)('07-a-spread', () => {
  const stocktake = async (id: string) => (await request(`${url}/v1/stocktakes/${id}`)).body;

  it('counts every shelf once, also after kill -9', async () => {
    await start('07-a-spread');
    const shown = ['"status":"completed"', '"rejected":20', '"books":5938', '"detail":"shelf 96 is locked"'];
    await tryOutUntil(commandsIn('07-a-spread'), shown);
    await post(`${url}/v1/stocktakes/s-2/start`, { shelves: 600, perSecond: 200 }, wait);
    await eventually(
      () => stocktake('s-2'),
      ({ waits }) => JSON.stringify(waits).includes('count-shelf'),
    );
    await kill(app);
    await start('07-a-spread');
    const { result } = await eventually(() => stocktake('s-2'), isCompleted, 60_000);
    expect(result).toMatchObject({ planned: 600, done: 594, rejected: 6, failed: 0, left: 0 });
  });
});

const isCompleted = ({ status }: Record<string, unknown>) => status === 'completed';

/** Ends a process as a power cut does. */
async function kill(program: ChildProcess | undefined): Promise<void> {
  if (!program) return;
  const ended = once(program, 'exit');
  program.kill('SIGKILL');
  await ended;
}

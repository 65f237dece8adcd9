import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { answersOk } from '#tools/dev-stack/http-health.js';
import { isKafkaReady } from '#tools/dev-stack/kafka-health.js';
import { hasDefaultNamespace } from '#tools/dev-stack/temporal-namespace.js';
import { placesChosen } from '../support/depth.js';
import { DevStackCli, eventually, isRunning } from './dev-stack-cli.js';

const all = ['--no-services'];
const one = ['--only', 'postgres'];

/** Tests that start every server, one of them in each run of `npm test`. */
const isChosen = placesChosen('all servers', 4);
const onAllServers = (place: number) => (isChosen(place) ? test : test.skip);

let stack: DevStackCli;

beforeEach(async () => {
  stack = await DevStackCli.create();
});

afterEach(async () => {
  await stack.dispose();
});

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows as unknown[];
  } finally {
    await client.end();
  }
}

async function isAnswering(server: string): Promise<boolean> {
  const { TEMPORAL_PORT, KAFKA_PORT, EVENTSTORE_PORT } = stack.ports;
  if (server === 'temporal') return hasDefaultNamespace(`127.0.0.1:${TEMPORAL_PORT}`);
  if (server === 'kafka') return isKafkaReady(`127.0.0.1:${KAFKA_PORT}`);
  if (server === 'event-store') return answersOk(`http://127.0.0.1:${EVENTSTORE_PORT}/health/live`);
  return query(stack.databaseUrl, 'select 1').then(
    () => true,
    () => false,
  );
}

describe('a stack that runs', () => {
  onAllServers(0)(
    'starts every server that is killed again, with its data, until it is stopped',
    async () => {
      expect(await stack.run(['start', '--detach', ...all])).toMatchObject({ code: 0 });
      await query(stack.databaseUrl, 'create table kept as select 42 as answer');
      const before = ['temporal', 'kafka', 'postgres', 'event-store'].map((server) => ({
        server,
        pid: stack.pidOf(server),
      }));

      for (const { pid } of before) process.kill(pid, 'SIGKILL');

      for (const { server, pid } of before) {
        await eventually(`${server} answers again`, () => isAnswering(server));
        expect(stack.pidOf(server)).not.toBe(pid);
      }
      expect(await query(stack.databaseUrl, 'select answer from kept')).toEqual([{ answer: 42 }]);
      const log = readFileSync(join(stack.home, 'logs/supervisor.log'), 'utf8');
      expect(log).toMatch(/Kafka has ended \(SIGKILL\); restarting it in 0\.1 s\./);
      await eventually('it is reported when available again', () =>
        /Kafka is back/.test(readFileSync(join(stack.home, 'logs/supervisor.log'), 'utf8')),
      );

      const pids = stack.livingPids();
      expect(pids).toHaveLength(5);
      expect(await stack.run(['stop'])).toMatchObject({ code: 0 });
      expect(pids.filter(isRunning)).toEqual([]);
    },
  );

  onAllServers(1)(
    'starts a server that lost its data with empty data, and restarts what depends on it',
    async () => {
      expect(await stack.run(['start', '--detach', ...all])).toMatchObject({ code: 0 });
      const supervisorLog = () => readFileSync(join(stack.home, 'logs/supervisor.log'), 'utf8');
      const eventStore = stack.pidOf('event-store');

      for (const server of ['kafka', 'temporal', 'postgres']) {
        const pid = stack.pidOf(server);
        rmSync(join(stack.home, server), { recursive: true, maxRetries: 5 });
        process.kill(pid, 'SIGKILL');
      }

      for (const title of ['Kafka', 'Temporal', 'PostgreSQL']) {
        await eventually(`the loss of ${title} is reported`, () =>
          supervisorLog().includes(`${title} has lost its data and starts empty`),
        );
      }
      await eventually('the event store was restarted', () => !isRunning(eventStore));
      for (const server of ['kafka', 'temporal', 'postgres', 'event-store']) {
        await eventually(`${server} answers again`, () => isAnswering(server));
      }
    },
    120_000,
  );

  test('shows its steps and its state, is not started twice and is not emptied', async () => {
    const first = await stack.run(['start', '--detach', ...one]);
    expect(first.output).toMatch(
      /^- PostgreSQL: looking for it\n(- .+\n)*✔ PostgreSQL: .+ \(\d+\.\d s\)\n\nPerdure is ready\.\n/,
    );
    expect(first.output).toMatch(/\nRun npm stop to stop it\. The data is kept\.\n$/);

    const second = await stack.run(['start', ...one]);
    expect(second.output).toMatch(/^Perdure is already running \(pid \d+, data in .+\)\.\n$/);
    expect(second.code).toBe(0);

    const status = await stack.run(['status']);
    expect(status.output).toMatch(/postgres +\d+ +\d+ MB/);
    expect(status.code).toBe(0);

    const reset = await stack.run(['reset']);
    expect(reset.output).toMatch(/^Perdure is running \(pid \d+\): stop it first/);
    expect(reset.code).toBe(1);
    expect(await query(stack.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('keeps every promise of a commit', async () => {
    await stack.run(['start', '--detach', ...one]);
    const settings = await query(
      stack.databaseUrl,
      "select name, setting from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit') order by name",
    );
    expect(settings).toEqual([
      { name: 'fsync', setting: 'on' },
      { name: 'full_page_writes', setting: 'on' },
      { name: 'synchronous_commit', setting: 'on' },
    ]);
  });

  test('is used by a second stack on the same ports, which leaves it running', async () => {
    await stack.run(['start', '--detach', ...one]);
    const other = stack.withOtherHome();
    try {
      const start = await other.run(['start', '--detach', ...one]);
      expect(start.code).toBe(0);
      expect((await other.run(['status'])).output).toContain('(found running)');
    } finally {
      await other.dispose();
    }
    expect(await query(stack.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});

test('a program can start a stack on free ports, restart a server of it and stop it', async () => {
  const program = `
    const { startStack } = await import('./dist/tools/dev-stack/start-stack.js');
    const { default: pg } = await import('pg');
    const stack = await startStack({ root: process.cwd(), ports: 'free', parts: ['postgres'] });
    const uptime = async () => {
      const client = new pg.Client({ connectionString: stack.addresses.DATABASE_URL });
      await client.connect();
      const { rows } = await client.query('select pg_postmaster_start_time() as since');
      await client.end();
      return rows[0].since.getTime();
    };
    const first = await uptime();
    await stack.restart('postgres');
    console.log((await uptime()) > first ? 'restarted' : 'the same');
    await stack.stop();
    console.log(await uptime().catch((error) => error.code));
  `;
  const { code, output } = await stack.runProgram(program);
  expect(output).toBe('restarted\nECONNREFUSED\n');
  expect(code).toBe(0);
});

describe('a stack whose supervisor was killed', () => {
  onAllServers(2)('is cleaned up by stop', async () => {
    await stack.run(['start', '--detach', ...all]);
    const pids = stack.livingPids();
    process.kill(stack.supervisorPid, 'SIGKILL');
    await eventually('the supervisor is gone', () => stack.livingPids().length === pids.length - 1);
    expect((await stack.run(['status'])).output).toMatch(/Perdure is not running\.\n$/);

    expect(await stack.run(['stop'])).toMatchObject({ code: 0 });

    expect(pids.filter(isRunning)).toEqual([]);
  });

  test('is replaced by the next start, with its data', async () => {
    await stack.run(['start', '--detach', ...one]);
    await query(stack.databaseUrl, 'create table kept as select 42 as answer');
    const old = stack.pidOf('postgres');
    process.kill(stack.supervisorPid, 'SIGKILL');

    expect(await stack.run(['start', '--detach', ...one])).toMatchObject({ code: 0 });

    expect(isRunning(old)).toBe(false);
    expect(await query(stack.databaseUrl, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  onAllServers(3)('starts with its data after everything was killed at once', async () => {
    await stack.run(['start', '--detach', ...all]);
    await query(stack.databaseUrl, 'create table kept as select 42 as answer');
    for (const pid of stack.livingPids()) process.kill(pid, 'SIGKILL');

    expect(await stack.run(['start', '--detach', ...all])).toMatchObject({ code: 0 });

    expect(await query(stack.databaseUrl, 'select answer from kept')).toEqual([{ answer: 42 }]);
    expect(await isAnswering('kafka')).toBe(true);
    expect(await isAnswering('temporal')).toBe(true);
    expect(await isAnswering('event-store')).toBe(true);
  });
});

describe('a start', () => {
  test('ends with Ctrl-C and leaves no process behind', async () => {
    const { child, output } = stack.spawn(['start', ...one]);
    const closed = once(child, 'close');
    await eventually('it is ready', () => output().includes('Perdure is ready.'));
    const postgres = stack.pidOf('postgres');

    child.kill('SIGINT');
    child.kill('SIGINT'); // npm passes it on a second time

    expect(await closed).toEqual([0, null]);
    expect(output()).toMatch(/Stopping\. .+\nStopped\.\n$/);
    expect(isRunning(postgres)).toBe(false);
  });

  test('that does not stop is killed with a second Ctrl-C', async () => {
    const { child, output } = stack.spawn(['start', ...one]);
    const closed = once(child, 'close');
    await eventually('PostgreSQL is starting', () => stack.isRecorded('postgres'));
    const postgres = stack.pidOf('postgres');
    process.kill(postgres, 'SIGSTOP');

    await eventually('it has ended', () => {
      child.kill('SIGINT');
      return child.exitCode !== null;
    });

    expect(await closed).toEqual([130, null]);
    expect(output()).toMatch(/Stopping\. .+\n/);
    await eventually('PostgreSQL has ended', () => !isRunning(postgres));
  });

  test.each([
    { start: ['start'], code: 0 },
    { start: ['start', '--detach'], code: 1 },
  ])('can be cancelled before it is done: $start', async ({ start, code }) => {
    const { child, output } = stack.spawn([...start, ...all]);
    const closed = once(child, 'close');
    await eventually('Kafka is starting', () => output().includes('Kafka: starting'));
    const pids = stack.livingPids();

    child.kill('SIGINT');

    expect(await closed).toEqual([code, null]);
    expect(output()).toMatch(/\n✘ Kafka: cancelled .+\n(.+\n)*Stopped\.\n$/);
    expect(output()).not.toContain('Perdure is ready.');
    expect(pids.filter(isRunning)).toEqual([]);
  });
});

describe('a start that cannot be', () => {
  test.each([{ start: ['start'] }, { start: ['start', '--detach'] }])(
    'names the port that is taken, who has it and the variable that changes it: $start',
    async ({ start }) => {
      const blocker = createServer().listen(stack.ports.KAFKA_PORT, '127.0.0.1');
      await once(blocker, 'listening');
      try {
        const { code, output } = await stack.run([...start, ...all]);
        expect(output).toContain(
          `Kafka cannot start: port ${stack.ports.KAFKA_PORT} is taken by pid ${process.pid} `,
        );
        expect(output).toContain('set KAFKA_PORT to a free port');
        expect(code).toBe(1);
        expect(stack.livingPids()).toEqual([]);
      } finally {
        blocker.close();
      }
    },
  );

  test('shows the end of the log when its supervisor is killed', async () => {
    const { child, output } = stack.spawn(['start', '--detach', ...one]);
    const closed = once(child, 'close');
    await eventually('PostgreSQL is starting', () => stack.isRecorded('initdb'));
    process.kill(stack.pidOf('initdb'), 'SIGSTOP'); // it would end by itself

    process.kill(stack.supervisorPid, 'SIGKILL');

    expect(await closed).toEqual([1, null]);
    expect(output()).toContain('Perdure did not start: its supervisor ended (SIGKILL). Its log is');
    // The next command ends what was creating the cluster: two must not write to one folder.
    expect((await stack.run(['stop'])).output).toContain('stopping initdb from an earlier run');
    expect(stack.livingPids()).toEqual([]);
  });

  test('names the address that does not answer', async () => {
    const address = `127.0.0.1:${stack.ports.KAFKA_PORT}`;
    const { code, output } = await stack.run(['start', '--only', 'kafka'], { KAFKA_BROKERS: address });
    expect(output).toContain(`Nothing answers at ${address}, the address in KAFKA_BROKERS.`);
    expect(code).toBe(1);
  });

  test('names the variable that is wrong', async () => {
    const { code, output } = await stack.run(['start'], { POSTGRES_PORT: 'five' });
    expect(output).toBe('POSTGRES_PORT=five cannot be used: a port is a number from 1 to 65535\n');
    expect(code).toBe(1);
  });

  test('names the program that is missing', async () => {
    const { code, output } = await stack.run(['start', '--only', 'kafka'], {
      PATH: '/nowhere',
      JAVA_HOME: '',
    });
    expect(output).toContain('Kafka needs Java, which is not installed: install a JRE 17 or newer');
    expect(code).toBe(1);
  });
});

describe('a stack that is stopped', () => {
  test('uses a server that an address names, and starts none', async () => {
    await stack.run(['start', '--detach', ...one]);
    const other = await DevStackCli.create();
    try {
      const start = await other.run(['start', '--detach', ...one], { DATABASE_URL: stack.databaseUrl });
      expect(start.output).toContain(stack.databaseUrl);
      expect((await other.run(['status'])).output).toContain('external, from DATABASE_URL');
      expect(other.livingPids()).toEqual([other.supervisorPid]);
    } finally {
      await other.dispose();
    }
  });

  test('is emptied by reset', async () => {
    await stack.run(['start', '--detach', ...one]);
    await query(stack.databaseUrl, 'create table kept as select 42 as answer');
    await stack.run(['stop']);

    expect((await stack.run(['reset'])).output).toContain('is empty.');

    await stack.run(['start', '--detach', ...one]);
    await expect(query(stack.databaseUrl, 'select answer from kept')).rejects.toThrow(/does not exist/);
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NativeConnection } from '@temporalio/worker';
import { Pool } from 'pg';
import { pino } from 'pino';
import { readConfig } from '#libs/api/http/read-config.js';
import { connectKafka } from '#libs/kafka/kafkajs-kafka.js';
import { connectTemporal, connectionTo } from '#libs/runtime/temporal-client.js';
import { databaseOf } from '#libs/service/database-config.js';
import { openEventStore } from '#libs/service/event-store-config.js';
import { kafkaOf } from '#libs/service/kafka-config.js';
import { serviceConfig } from '#libs/service/service-config.js';
import { temporalOf } from '#libs/service/temporal-config.js';
import { type PairFiles, TestAuthority } from '#libs/testing/certificates.js';
import { freePorts } from '#tools/dev-stack/port.js';
import { waitUntil } from '#tools/dev-stack/wait-until.js';
import { NAME, PASSWORD, USER } from './secured-names.js';
import { SecuredStack } from './secured-stack.js';

type Environment = Readonly<Record<string, string>>;

/** For gRPC calls, which are repeated until then. */
const DEADLINE_MILLISECONDS = 2_500;

const logger = pino({ level: 'silent' });
let stack: SecuredStack;
/** Of a client of the servers' authority. */
let ours: PairFiles;
/** Of another authority, which the servers do not know. */
let strangers: PairFiles;
beforeAll(async () => {
  stack = await SecuredStack.start();
  ours = await stack.authority.issueFiles(join(stack.folder, 'ours'), USER);
  const foreign = await TestAuthority.create('foreign authority');
  strangers = await foreign.issueFiles(join(stack.folder, 'strangers'), USER);
  await startProcesses();
});
afterAll(async () => {
  await stopProcesses();
  await stack?.stop();
});

/** The files of a client, and a host under which it looks for the servers. */
interface As {
  readonly ca: string;
  readonly pair?: PairFiles;
  readonly host: string;
}

const right = (): As => ({ ca: ours.ca, pair: ours, host: '127.0.0.1' });

const WRONG: readonly [string, () => As][] = [
  ['without a certificate', () => ({ ca: ours.ca, host: '127.0.0.1' })],
  ['with a certificate of a foreign authority', () => ({ ...right(), pair: strangers })],
  ['trusting a foreign authority only', () => ({ ...right(), ca: strangers.ca })],
  ['by a name that is not in its certificate', () => ({ ...right(), host: 'localhost' })],
];

const config = (environment: Environment) => readConfig(serviceConfig(0), environment);

function temporalVariables({ ca, pair, host }: As): Environment {
  return {
    TEMPORAL_ADDRESS: `${host}:${stack.ports.temporal}`,
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: ca,
    ...(pair && {
      TEMPORAL_TLS_CLIENT_CERT_PATH: pair.cert,
      TEMPORAL_TLS_CLIENT_KEY_PATH: pair.key,
    }),
  };
}

function kafkaVariables({ ca, pair, host }: As): Environment {
  return {
    KAFKA_BROKERS: `${host}:${stack.ports.kafka}`,
    KAFKA_TLS_CA_PATH: ca,
    ...(pair && { KAFKA_TLS_CERT_PATH: pair.cert, KAFKA_TLS_KEY_PATH: pair.key }),
  };
}

function eventStoreVariables({ ca, pair, host }: As): Environment {
  const files = { tlsCAFile: ca, ...(pair && { userCertFile: pair.cert, userKeyFile: pair.key }) };
  const options = new URLSearchParams({ tls: 'true', ...files, keepAliveInterval: '10000' });
  return { EVENTSTORE_URL: `esdb://${host}:${stack.ports.eventStore}?${options.toString()}` };
}

function databaseVariables({ ca, pair, host }: As): Environment {
  return {
    DATABASE_URL: `postgres://${USER}:${PASSWORD}@${host}:${stack.ports.postgres}/perdure`,
    PGSSLMODE: 'verify-full',
    PGSSLROOTCERT: ca,
    ...(pair && { PGSSLCERT: pair.cert, PGSSLKEY: pair.key }),
  };
}

/** Asks each server something, as the services do. Resolves if it answers. */
const ask = {
  Temporal: async (as: As, more: Environment = {}) => {
    const client = connectTemporal(temporalOf(config({ ...temporalVariables(as), ...more })));
    const deadline = Date.now() + DEADLINE_MILLISECONDS;
    try {
      await client.withDeadline(deadline, () => client.workflowService.getSystemInfo({}));
    } finally {
      await client.connection.close();
    }
  },
  'Temporal, as a worker': async (as: As) => {
    const connection = await NativeConnection.connect(
      connectionTo(temporalOf(config(temporalVariables(as)))),
    );
    await connection.close();
  },
  Kafka: async (as: As, more: Environment = {}) => {
    const options = kafkaOf(config({ ...kafkaVariables(as), ...more }));
    const kafka = connectKafka({ ...options, clientId: 'secured', logger });
    try {
      await kafka.ensureTopics([]);
    } finally {
      await kafka.close();
    }
  },
  'the event store': async (as: As) => {
    const store = openEventStore(config(eventStoreVariables(as)));
    try {
      await store.lastPosition();
    } finally {
      await store.close();
    }
  },
  PostgreSQL: async (as: As) => {
    const pool = new Pool({ ...databaseOf(config(databaseVariables(as))), max: 1 });
    try {
      const { rows } = await pool.query(
        'select ssl, client_dn from pg_stat_ssl where pid = pg_backend_pid()',
      );
      expect(rows).toEqual([{ ssl: true, client_dn: expect.stringContaining(USER) as unknown }]);
    } finally {
      await pool.end();
    }
  },
} as const;

describe.each(Object.entries(ask))('%s', (_, answers) => {
  it('answers a client with a certificate of its authority', async () => {
    await answers(right());
  });

  it('is not reached in any other way, and errors show no secret', async () => {
    const refusals = await Promise.all(WRONG.map(([, as]) => refusalOf(answers(as()))));
    const reached = WRONG.filter((_wrong, index) => refusals[index] === undefined).map(([wrong]) => wrong);
    expect(reached).toEqual([]);
    expect(refusals.join()).not.toMatch(/PRIVATE KEY|not-for-logs/);
  });
});

/** All that an error says, or undefined if there is none. */
function refusalOf(asked: Promise<void>): Promise<string | undefined> {
  return asked.then(
    () => undefined,
    (error: unknown) => inspect(error, { depth: 10, showHidden: true }),
  );
}

describe('the name of a server', () => {
  it('may be set for Temporal, where it differs from the address', async () => {
    const elsewhere = { ...right(), host: 'localhost' };
    await ask.Temporal(elsewhere, { TEMPORAL_TLS_SERVER_NAME: NAME });
    await expect(ask.Temporal(right(), { TEMPORAL_TLS_SERVER_NAME: 'other.example' })).rejects.toThrow();
  });
});

describe('a password for Kafka', () => {
  const login = (password: string) => ({
    KAFKA_BROKERS: `127.0.0.1:${stack.ports.login}`,
    KAFKA_SASL_MECHANISM: 'plain',
    KAFKA_SASL_USERNAME: USER,
    KAFKA_SASL_PASSWORD: password,
  });
  const nobody = () => ({ ca: ours.ca, host: '127.0.0.1' });

  it('is sent by TLS, and compared', async () => {
    await ask.Kafka(nobody(), login(PASSWORD));
    await expect(ask.Kafka(nobody(), login('wrong-and-not-for-logs'))).rejects.toThrow(
      /^(?!.*not-for-logs)/s,
    );
  });
});

const processes: ChildProcess[] = [];
/** What they have printed. */
let output = '';
/** Their ports. */
let service: number;
let front: number;

/** A service and the front server, which get ready while other tests run. */
async function startProcesses(): Promise<void> {
  [service = 0, front = 0] = await freePorts(2);
  const served = await stack.authority.issueFiles(join(stack.folder, 'served'), 'first', ['127.0.0.1']);
  const engines = {
    ...temporalVariables(right()),
    ...kafkaVariables(right()),
    ...eventStoreVariables(right()),
    ...databaseVariables(right()),
  };
  const own = { HOST: '127.0.0.1', TLS_CERT_PATH: served.cert, TLS_KEY_PATH: served.key };
  const mutual = { TLS_CLIENT_CA_PATH: ours.ca, AUTH: 'off' };
  run('account/src/main.js', { ...engines, ...own, ...mutual, PORT: String(service) });
  run('console/server/main.js', {
    ...own,
    PORT: String(front),
    ACCOUNT_URL: `https://127.0.0.1:${service}`,
    SERVICES_TLS_CA_PATH: ours.ca,
    SERVICES_TLS_CERT_PATH: ours.cert,
    SERVICES_TLS_KEY_PATH: ours.key,
  });
}

function run(entry: string, variables: Environment): void {
  const env = { ...process.env, ...variables, KAFKAJS_NO_PARTITIONER_WARNING: '1' };
  const child = spawn(process.execPath, [`dist/apps/${entry}`], { env, stdio: 'pipe' });
  process.once('exit', () => child.kill('SIGKILL'));
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (output += String(part)));
  processes.push(child);
}

async function stopProcesses(): Promise<void> {
  const running = processes.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  await Promise.all(running.map(async (child) => child.kill('SIGTERM') && (await once(child, 'exit'))));
}

describe('a service and the front server', () => {
  interface Answer {
    readonly status: number | undefined;
    readonly body: Record<string, unknown>;
    readonly headers: IncomingMessage['headers'];
    readonly subject: string;
  }

  /** A request to the front server on a connection of its own. */
  async function send(port: number, path: string, body?: object): Promise<Answer> {
    const agent = new Agent({
      ca: readFileSync(ours.ca),
      cert: readFileSync(ours.cert),
      key: readFileSync(ours.key),
    });
    const headers = { 'content-type': 'application/json', prefer: 'wait=10' };
    const method = body ? 'POST' : 'GET';
    const reply = await new Promise<IncomingMessage>((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port, path, agent, method, headers }, resolve);
      asked.once('error', reject).end(body && JSON.stringify(body));
    });
    const { statusCode: status } = reply;
    const subject = String((reply.socket as TLSSocket).getPeerCertificate().subject.CN);
    const json = JSON.parse(await text(reply)) as Record<string, unknown>;
    agent.destroy();
    return { status, body: json, headers: reply.headers, subject };
  }

  const isAnswered = (status: number, asked: () => Promise<Answer>, timeoutMs: number) =>
    waitUntil(async () => (await asked().catch(() => undefined))?.status === status, { timeoutMs });

  it('do their work by TLS alone, and take up a new certificate', async () => {
    const { authority, folder } = stack;
    const ready = await isAnswered(200, () => send(service, '/health/ready'), 60_000);
    expect({ ready, output: ready ? '' : output }).toEqual({ ready: true, output: '' });
    authority.writeFiles(join(folder, 'served'), await authority.issue('second', ['127.0.0.1']));
    const opened = await send(front, '/v1/accounts/secured/open', { owner: 'secured', currency: 'EUR' });
    expect(opened).toMatchObject({ status: 201, body: { status: 'accepted' } });
    expect(opened.headers['strict-transport-security']).toContain('max-age');
    const listed = async () => {
      const { body } = await send(front, '/v1/accounts?owner=secured');
      return JSON.stringify(body).includes('secured');
    };
    expect(await waitUntil(listed, { timeoutMs: 20_000 })).toBe(true);
    const health = await send(front, '/health/ready');
    expect(health.body).toMatchObject({ services: { account: { status: 'ok' } } });
    for (const port of [service, front]) {
      const isSecond = async () => (await send(port, '/health/live')).subject === 'second';
      expect(await waitUntil(isSecond, { timeoutMs: 20_000 })).toBe(true);
    }
    expect(output).not.toMatch(/PRIVATE KEY|not-for-logs/);
  });
});

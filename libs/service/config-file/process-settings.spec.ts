import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serviceConfig } from '../service-config.js';
import { CONFIG_FILE } from './config-file.js';
import { readProcessSettings } from './process-settings.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'perdure-settings-'));
  writeFileSync(join(folder, 'key'), 'from-the-file\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const read = (text: string, environment: NodeJS.ProcessEnv = {}, service = 'account') => {
  writeFileSync(join(folder, CONFIG_FILE), text);
  return readProcessSettings(service, serviceConfig(3001), environment, folder);
};

const temporal = `
temporal:
  address: 10.0.0.1:7233
  namespace: shop
`;
const processes = `
processes:
  account:
    workers:
      - roles: [entities]
        cache: 40
        slots: { workflowTasks: 8 }
        taskQueue: account
      - roles: [effects, relay]
        slots: { activities: 300 }
`;

it('have defaults without a file', () => {
  const environment = { PERDURE_CONFIG: 'none' };
  const { config, workers } = readProcessSettings('account', serviceConfig(1), environment, folder);
  expect(config).toEqual(serviceConfig(1).parse({}));
  expect(workers).toEqual([]);
});

it('have the partitions of task queues from the file, or from a variable', () => {
  const partitions = 'partitions: { account: 4, cart: 2 }';
  expect(read(partitions).config.TASK_QUEUE_PARTITIONS).toEqual({ account: 4, cart: 2 });
  const given = (TASK_QUEUE_PARTITIONS: string) => () => read(partitions, { TASK_QUEUE_PARTITIONS });
  expect(given(' account=8, desk=1 ')().config.TASK_QUEUE_PARTITIONS).toEqual({ account: 8, desk: 1 });
  for (const wrong of ['account', 'account=0', 'account=65', 'account=2,account=4', 'account=2;cart=2'])
    expect(given(wrong)).toThrow('TASK_QUEUE_PARTITIONS: must be like account=4,cart=2');
});

it('come from the file', () => {
  const { config, workers } = read(temporal + processes);
  expect(config).toMatchObject({
    TEMPORAL_ADDRESS: '10.0.0.1:7233',
    TEMPORAL_NAMESPACE: 'shop',
    ROLES: ['entities', 'effects', 'relay'],
    PORT: 3001,
  });
  const place = `${CONFIG_FILE}:12: processes.account.workers.0.taskQueue`;
  expect(workers).toEqual([
    { roles: ['entities'], cache: 40, slots: { workflowTasks: 8 }, taskQueue: { name: 'account', place } },
    { roles: ['effects', 'relay'], slots: { activities: 300 } },
  ]);
});

describe('variables override the file', () => {
  it('one by one', () => {
    const environment = { TEMPORAL_ADDRESS: '10.0.0.2:7233', TEMPORAL_NAMESPACE: '', ROLES: 'api,worker' };
    const { config, workers } = read(temporal + processes, { ...environment, CACHED_ENTITIES: '70' });
    expect(config).toMatchObject({
      TEMPORAL_ADDRESS: '10.0.0.2:7233',
      TEMPORAL_NAMESPACE: 'shop',
      ROLES: ['api', 'entities', 'flows', 'effects'],
      CACHED_ENTITIES: 70,
    });
    expect(workers.map(({ cache }) => cache)).toEqual([undefined, undefined]);
  });

  it('also as files', () => {
    const key = join(folder, 'key');
    const { config } = read(`temporal: { address: a:1 }\n`, { TEMPORAL_ADDRESS_FILE: key });
    expect(config.TEMPORAL_ADDRESS).toBe('from-the-file');
  });

  it('for the key, in whichever way it is given', () => {
    const keyOf = (text: string, environment: NodeJS.ProcessEnv) =>
      read(`temporal: { apiKey: { ${text} } }\n`, environment).config.TEMPORAL_API_KEY;
    expect(keyOf('file: key', {})).toBe('from-the-file');
    expect(keyOf('file: key', { TEMPORAL_API_KEY: 'another' })).toBe('another');
    expect(keyOf('variable: CLOUD_KEY', { CLOUD_KEY: 'named' })).toBe('named');
    expect(keyOf('variable: CLOUD_KEY', { TEMPORAL_API_KEY_FILE: join(folder, 'key') })).toBe(
      'from-the-file',
    );
  });
});

describe('a mistake is reported with its place', () => {
  it.each<[string, string, NodeJS.ProcessEnv]>([
    [
      'temporal:\n  apiKey: { variable: NO_KEY }\n',
      `${CONFIG_FILE}:2: temporal.apiKey.variable: NO_KEY is not set`,
      {},
    ],
    ['temporal:\n  apiKey: { file: no-key }\n', `${CONFIG_FILE}:2: temporal.apiKey.file: /`, {}],
    ['temporal:\n  tls:\n    ca: none.pem\n', `${CONFIG_FILE}:3: temporal.tls.ca: /`, {}],
    [temporal, 'TEMPORAL_TLS: must be true or false', { TEMPORAL_TLS: 'no' }],
    [processes, 'ROLES.0: must list some of api', { ROLES: 'all' }],
  ])('%j: %s', (text, message, environment) => {
    expect(() => read(text, environment)).toThrow(message);
  });
});

describe('the process', () => {
  const three = 'processes: { account: {}, writer: { service: account }, cart: {} }\n';
  const rolesOf = (text: string, environment: NodeJS.ProcessEnv = {}, service = 'account') =>
    read(text, environment, service).config.ROLES.join();

  it('is the only one of the service, or the one with its name', () => {
    const writer = 'processes: { writer: { service: account, workers: [{ roles: [api] }] }, cart: {} }';
    expect(rolesOf(writer)).toBe('api');
    expect(rolesOf(`${writer.slice(0, -2)}, account: { workers: [{ roles: [relay] }] } }`)).toBe('relay');
  });

  it('can be named', () => {
    const two = 'processes: { account: {}, writer: { service: account, workers: [{ roles: [effects] }] } }';
    expect(rolesOf(two, { PERDURE_PROCESS: 'writer' })).toBe('effects');
  });

  it.each<[string, string, NodeJS.ProcessEnv]>([
    ['processes: { acount: {} }', `${CONFIG_FILE}: no process runs the service account; it has acount`, {}],
    [
      'processes: { a: { service: account }, b: { service: account } }',
      'PERDURE_PROCESS: is missing; the processes of account are a, b',
      {},
    ],
    [
      three,
      `PERDURE_PROCESS: ${CONFIG_FILE} has no process reader; it has account, writer, cart`,
      { PERDURE_PROCESS: 'reader' },
    ],
    [three, 'PERDURE_PROCESS: cart runs the service cart, not account', { PERDURE_PROCESS: 'cart' }],
    [temporal, `PERDURE_PROCESS: ${CONFIG_FILE} lists no processes`, { PERDURE_PROCESS: 'a' }],
    [
      three,
      'PERDURE_PROCESS: is set, but there is no configuration file',
      { PERDURE_PROCESS: 'a', PERDURE_CONFIG: 'none' },
    ],
  ])('of %j cannot be chosen: %s', (text, message, environment) => {
    expect(() => read(text, environment)).toThrow(message);
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CONFIG_FILE, findConfigFile, parseConfig } from './config-file.js';

const parse = (text: string) => parseConfig(text, CONFIG_FILE, '/etc/perdure');

/** The lines of the error, without the name of the file. */
function mistakesIn(text: string): readonly string[] {
  try {
    parse(text);
  } catch (error) {
    return (error as Error).message.split('\n').map((line) => line.replace(`${CONFIG_FILE}:`, ''));
  }
  return [];
}

it('says of each mistake where it is', () => {
  const text = `
temporal:
  adress: 10.0.0.1:7233
  address: http://10.0.0.1
  tls: true
  apiKey: not-to-be-shown
processes:
  account:
    autostart: true
    workers:
      - roles: [api, worker]
      - roles: [api]
        cache: 10
      - roles: [effects]
        cache: 10
        slots: { activities: 0, workflowTasks: 5 }
  Cart:
    workers: []
  desk: { service: 7, autoStart: no, restart: { maxAttempts: many, window: 60 }, workers: [{ roles: [relay] }, { roles: [relay, api] }] }
serivces: {}
partitions: { account: 65, my-queue: 2 }
`;
  const all = 'api, entities, flows, effects, relay, projector, commands';
  expect(mistakesIn(text)).toEqual([
    '3: temporal.adress: is not known; known here: address, namespace, tls, apiKey',
    '4: temporal.address: must be host:port',
    '5: temporal.tls: must be a mapping; {} is TLS with the authorities that the system trusts',
    '6: temporal.apiKey: must name a file or a variable; the key itself must not be in this file',
    '9: processes.account.autostart: is not known; known here: service, autoStart, restart, memory, workers',
    `11: processes.account.workers.0.roles.1: must be one of ${all}`,
    '13: processes.account.workers.1.cache: has no effect without one of the roles entities, flows, effects',
    '15: processes.account.workers.2.cache: has no effect without the role entities',
    '16: processes.account.workers.2.slots.activities: must be a whole number from 1 to 10000',
    '16: processes.account.workers.2.slots.workflowTasks: has no effect without the role entities',
    '17: processes.Cart: is not a name for a process: use lower-case letters, digits and -',
    '19: processes.desk.service: must be the name of a service',
    '19: processes.desk.autoStart: must be true or false',
    '19: processes.desk.restart.maxAttempts: must be a whole number from 0 to 1000',
    '19: processes.desk.restart.window: must be a time such as 30s',
    '19: processes.desk.workers.1.roles: relay is a role of workers.0, too',
    '20: serivces: is not known; known here: partitions, temporal, processes',
    '21: partitions.account: must be a whole number from 1 to 64',
    '21: partitions.my-queue: is not the name of a task queue',
  ]);
});

it.each([
  ['a: 1\n  b: 2\n', '1: Nested mappings are not allowed in compact mappings'],
  ['temporal: {}\ntemporal: {}\n', '2: Map keys must be unique'],
  ['temporal:\n\taddress: a:1\n', '2: Tabs are not allowed as indentation'],
  ['temporal: *anchor\n', 'Unresolved alias (the anchor must be set before the alias): anchor'],
  ['- temporal\n', '1: must be a mapping'],
  ['processes: {}\n', '1: processes: must have at least one process'],
  ['processes: [account]\n', '1: processes: must be a mapping of processes'],
  ['temporal: { apiKey: {} }\n', '1: temporal.apiKey: must have either file or variable'],
  [
    'temporal:\n  apiKey: { file: a, variable: B }\n',
    '2: temporal.apiKey: must have either file or variable',
  ],
  [
    'processes:\n  a:\n    workers:\n      - cache: 9\n',
    '4: processes.a.workers.0.roles: must be a list of roles',
  ],
])('%j is refused', (text, mistake) => {
  expect(mistakesIn(text)[0]).toMatch(mistake);
});

it('may be empty, and so may a process', () => {
  expect(parse('').values).toEqual({});
  expect(parse('processes:\n  account:\n').values).toEqual({ processes: { account: {} } });
});

it('may give a role to several workers on different task queues', () => {
  const worker = (queue: string, role = 'entities') => `{ roles: [${role}], taskQueue: ${queue} }`;
  const workers = (...each: string[]) => `processes: { a: { workers: [${each.join(', ')}] } }`;
  expect(mistakesIn(workers(worker('book'), worker('loan')))).toEqual([]);
  expect(mistakesIn(workers(worker('book'), worker('book')))).toHaveLength(1);
  expect(mistakesIn(workers(worker('book'), '{ roles: [entities] }'))).toHaveLength(1);
  const withApi = (queue: string) => worker(queue, 'entities, api');
  expect(mistakesIn(workers(withApi('book'), withApi('loan')))).toEqual([
    '1: processes.a.workers.1.roles: api is a role of workers.0, too',
  ]);
});

describe('the file', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'perdure-config-'));
    writeFileSync(join(folder, 'other.yaml'), 'temporal:\n  namespace: shop\n');
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const find = (environment: NodeJS.ProcessEnv) => findConfigFile(environment, folder);

  it('need not exist, unless it is named', () => {
    expect(find({ PERDURE_CONFIG: '' })).toBeUndefined();
    const missing = { PERDURE_CONFIG: 'missing.yaml' };
    expect(() => find(missing)).toThrow('PERDURE_CONFIG: missing.yaml cannot be read (ENOENT)');
  });

  it('is the one of the folder, the one that is named, or none', () => {
    const named = find({ PERDURE_CONFIG: 'other.yaml' });
    expect(named?.placeOf(['temporal', 'namespace'])).toBe('other.yaml:2: temporal.namespace');
    writeFileSync(join(folder, CONFIG_FILE), 'temporal: {}\n');
    expect(find({})).toMatchObject({ name: CONFIG_FILE, folder });
    expect(find({ PERDURE_CONFIG: 'none' })).toBeUndefined();
  });
});

it('is shown in docs with every key', () => {
  const text = readFileSync('docs/perdure.config.example.yaml', 'utf8');
  const { temporal, processes = {} } = parse(text).values;
  expect(Object.keys(temporal ?? {})).toEqual(['address', 'namespace', 'tls', 'apiKey']);
  expect(Object.keys(temporal?.tls ?? {})).toEqual(['ca', 'cert', 'key', 'serverName']);
  const each = Object.values(processes);
  const keysOf = (values: readonly object[]) => [...new Set(values.flatMap((one) => Object.keys(one)))];
  expect(keysOf(each).toSorted()).toEqual(['autoStart', 'memory', 'restart', 'service', 'workers']);
  const workers = each.flatMap((one) => one.workers ?? []);
  expect(keysOf(workers).toSorted()).toEqual(['cache', 'roles', 'slots', 'taskQueue']);
});

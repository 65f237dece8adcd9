import { expect, it } from '@jest/globals';
import { parseConfig } from './config-file.js';
import { settingsInForce } from './settings-in-force.js';

const text = `
temporal:
  address: 10.0.0.1:7233
  apiKey: { variable: CLOUD_KEY }
processes:
  account:
    restart: { window: 5m }
    memory: 512MB
    workers:
      - roles: [api, commands]
      - roles: [entities, effects]
        slots: { workflowTasks: 8 }
        cache: 40
`;

function shown(environment: NodeJS.ProcessEnv): readonly string[] {
  const file = parseConfig(text, 'p.yaml', '/etc');
  const process = { name: 'account', values: file.values.processes?.['account'] ?? {} };
  const rows = settingsInForce(file, process, environment);
  return [...rows.temporal, ...rows.process].map(({ key, value, from }) => `${key} | ${value} | ${from}`);
}

it('shows where each value comes from, and no secret', () => {
  expect(shown({ CLOUD_KEY: 'not-to-be-shown', TEMPORAL_NAMESPACE: 'shop' })).toEqual([
    'temporal.address | 10.0.0.1:7233 | p.yaml:3',
    'temporal.namespace | shop | TEMPORAL_NAMESPACE',
    'temporal.tls | on | default',
    'temporal.apiKey | not shown | p.yaml:4',
    'partitions | none | default',
    'processes.account.service | account | default',
    'processes.account.autoStart | true | default',
    'processes.account.restart.maxAttempts | 5 | default',
    'processes.account.restart.backoff | 1s | default',
    'processes.account.restart.window | 5m | p.yaml:7',
    'processes.account.memory | 512MB | p.yaml:8',
    'processes.account.workers.0.roles | api, commands | p.yaml:10',
    'processes.account.workers.1.roles | entities, effects | p.yaml:11',
    'processes.account.workers.1.taskQueue | all | default',
    'processes.account.workers.1.slots.activities | 100 | default',
    'processes.account.workers.1.slots.workflowTasks | 8 | p.yaml:12',
    'processes.account.workers.1.slots.localActivities | 100 | default',
    'processes.account.workers.1.cache | 40 | p.yaml:13',
  ]);
});

it('shows the roles of the variable in place of those of the file', () => {
  const environment = { TEMPORAL_API_KEY: 'not-to-be-shown', ROLES: 'effects,relay', CACHED_ENTITIES: '9' };
  expect(shown(environment)).toEqual([
    'temporal.address | 10.0.0.1:7233 | p.yaml:3',
    'temporal.namespace | default | default',
    'temporal.tls | on | default',
    'temporal.apiKey | not shown | TEMPORAL_API_KEY',
    'partitions | none | default',
    'processes.account.service | account | default',
    'processes.account.autoStart | true | default',
    'processes.account.restart.maxAttempts | 5 | default',
    'processes.account.restart.backoff | 1s | default',
    'processes.account.restart.window | 5m | p.yaml:7',
    'processes.account.memory | 512MB | p.yaml:8',
    'processes.account.workers.1.roles | effects | ROLES',
    'processes.account.workers.1.taskQueue | all | default',
    'processes.account.workers.1.slots.activities | 100 | default',
    'processes.account.workers.2.roles | relay | ROLES',
  ]);
});

import { expect, it } from '@jest/globals';
import { parseConfig } from '#libs/service/config-file/config-file.js';
import { stackProcesses } from './stack-processes.js';

const processes = (text: string) => stackProcesses(parseConfig(text, 'p.yaml', '/'), ['kafka']);
const named = (text: string) => processes(text).map(({ name, isFront }) => `${name} ${isFront}`);

it('without a list, each service is a process', () => {
  const each = ['account true', 'cart true', 'inventory true', 'desk true'];
  expect(named('temporal: {}')).toEqual(each);
  expect(stackProcesses(undefined, []).map(({ name, isFront }) => `${name} ${isFront}`)).toEqual(each);
});

it('the first process of a service that serves requests listens on its port', () => {
  const text = `
processes:
  account-work: { service: account, workers: [{ roles: [entities, effects] }] }
  account: { workers: [{ roles: [relay] }, { roles: [api] }] }
  account-more: { service: account }
  cart: { autoStart: false }
`;
  expect(named(text)).toEqual(['account-work false', 'account true', 'account-more false']);
  const [work] = processes(text);
  expect(work).toMatchObject({ service: 'account', environment: { PERDURE_PROCESS: 'account-work' } });
  expect(work).not.toHaveProperty('restart');
});

it('restarts have defaults', () => {
  expect(processes('processes: { cart: { restart: { maxAttempts: 2 } } }')).toMatchObject([
    { restart: { maxAttempts: 2, backoffMs: 1_000, windowMs: 60_000 } },
  ]);
});

it('a memory limit is in bytes', () => {
  const text = 'processes: { cart: { memory: 512MB }, desk: { memory: 2GB } }';
  expect(processes(text)).toMatchObject([{ memoryBytes: 536_870_912 }, { memoryBytes: 2_147_483_648 }]);
});

it.each([
  ['{ acount: {} }', 'p.yaml:1: processes.acount: there is no service acount; there are account, cart, '],
  ['{ kafka: { service: cart } }', 'p.yaml:1: processes.kafka: the stack has another kafka'],
])('processes: %s cannot be run', (text, message) => {
  expect(() => processes(`processes: ${text}`)).toThrow(message);
});

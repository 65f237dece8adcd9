import { readFileSync } from 'node:fs';
import { compileFunction } from 'node:vm';
import { expect, it, jest } from '@jest/globals';
import { transformSync } from '@swc/core';
import { pino } from 'pino';
import type { AnyDecider } from '#libs/core/decider.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { moment } from '#libs/testing/moments.js';
import { accountDecider } from '../../../apps/account/src/domain/account.decider.js';
import { createEntityActivities } from './entity.activities.js';
import { emptyFold, foldOnwards } from './fold-stream.js';

type Handle = (
  decider: AnyDecider,
  store: EventStore,
  stream: string,
  envelope: CommandEnvelope,
) => Promise<unknown>;

/** The function in docs/concepts.md. */
function handleOfDocs(): Handle {
  const [, source = ''] = /```ts\n(.*?)```/s.exec(readFileSync('docs/concepts.md', 'utf8')) ?? [];
  const { code } = transformSync(source, {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
    module: { type: 'commonjs' },
  });
  const exported: { handle?: Handle } = {};
  compileFunction(code, ['require', 'exports'])(jest.requireActual, exported);
  return exported.handle as Handle;
}

const stream = 'account-default.one';
const open = { type: 'Open', data: { owner: 'Alice', currency: 'USD' } };
const deposit = { type: 'Deposit', data: { amount: 5 } };
const withdraw = { type: 'Withdraw', data: { amount: 9 } };
const batch = [open, deposit, withdraw].map((command) => envelopeOf(command, command.type));

it('the short version in the docs writes what the real one writes', async () => {
  const [short, real] = [new MemoryEventStore(), new MemoryEventStore()];
  const handle = handleOfDocs();
  const answers = [];
  for (const envelope of batch) answers.push(await handle(accountDecider, short, stream, envelope));
  expect(answers).toMatchObject([
    ['AccountOpened'],
    ['MoneyDeposited'],
    { rejected: true, code: 'ACCOUNT.INSUFFICIENT_FUNDS' },
  ]);
  const logger = pino({ level: 'silent' });
  const fold = emptyFold(accountDecider);
  const { decideAndAppend } = createEntityActivities({ decider: accountDecider, store: real, logger });
  await decideAndAppend({ stream, fold, batch, now: moment(), searchStream: false });
  const ids = (store: MemoryEventStore) => store.eventsOf(stream).map(({ id }) => id);
  expect(ids(short)).toEqual(ids(real));
  expect(await foldOnwards(accountDecider, short, stream, fold)).toMatchObject({ state: { balance: 5 } });
});

it('the short version in the docs has under 40 lines of code', () => {
  const [, source = ''] = /```ts\n(.*?)```/s.exec(readFileSync('docs/concepts.md', 'utf8')) ?? [];
  expect(source.split('\n').filter((line) => line.trim() !== '').length).toBeLessThan(40);
});

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { CommandIndex } from '#libs/entity/activities/command-index.js';
import {
  EngineUnavailableError,
  onlyReceipt,
  OutcomeUnknownError,
} from '#libs/entity/gateway/entity-gateway.js';
import { testId } from '#libs/testing/command-envelope.builder.js';
import { GatedEventStore } from '#libs/testing/gated-event-store.js';
import { historyOf } from '#libs/testing/history.js';
import { deposited, opened } from '../../apps/account/src/domain/account.fixture.js';
import { AccountDriver, until } from './account-driver.js';
import { accountServer } from './account-server.js';

/** Deep enough that even a second attempt, after one that was cut off, ends before the gate. */
const EVENTS = 20_000;
const GATE = 1_000;
const WAIT = 20_000;

const store = new GatedEventStore(GATE);
const commandIndex: CommandIndex = { find: () => Promise.reject(new Error('PostgreSQL is away')) };
const server = accountServer({ store, commandIndex });
let account: AccountDriver;
let firstDeposit: CommandEnvelope;

beforeAll(async () => {
  await server.open();
  account = new AccountDriver(server);
  firstDeposit = account.deposit('the first', { key: 'first' });
  const events = Array.from({ length: EVENTS }, (_, index) => (index === 0 ? opened : deposited(1)));
  const history = historyOf(account.stream, events, await server.moment()).map((event, index) => {
    const { commandId, keyId } = firstDeposit;
    return index === 1 ? { ...event, metadata: { ...event.metadata, commandId, keyId: keyId! } } : event;
  });
  for (let from = 0; from < EVENTS; from += 500) {
    await store.append(account.stream, from - 1, history.slice(from, from + 500));
  }
});
afterAll(() => {
  store.lift();
  return server.close();
});

const execute = async (envelope: CommandEnvelope) =>
  onlyReceipt(await server.gateway.execute(account.stream, [envelope], WAIT));

/** Repeats a command like a client that is told that its outcome is unknown. */
function insist(envelope: CommandEnvelope) {
  return until(
    () =>
      execute(envelope).catch((error: unknown) => {
        if (!(error instanceof OutcomeUnknownError)) throw error;
      }),
    (receipt) => receipt !== undefined,
  );
}

it('an entity continues while the outcome of an old key is unknown, and answers it later', async () => {
  const fresh = account.deposit('fresh', { key: 'fresh' });
  // The first command waits for the fold of a long stream, on a server that has just started.
  await insist(account.deposit('loaded', { at: await server.moment() }));
  await until(
    () => execute(firstDeposit).catch((error: unknown) => error),
    (answer) => answer instanceof OutcomeUnknownError,
  );
  await expect(server.gateway.receipt(account.stream, firstDeposit.commandId)).rejects.toThrow(
    EngineUnavailableError,
  );
  const at = await server.moment();
  expect(await execute(account.deposit('without a key', { at }))).toMatchObject({ revision: EVENTS + 1 });

  store.lift();
  expect(await insist(firstDeposit)).toMatchObject({ status: 'accepted', revision: 1, replayed: true });
  expect(await insist(fresh)).toMatchObject({ status: 'accepted', revision: EVENTS + 2 });
  const reused = account.deposit('another', { key: 'first' });
  expect(await insist({ ...reused, keyId: firstDeposit.keyId! })).toMatchObject({
    code: 'IDEMPOTENCY.KEY_REUSED',
  });
  expect(account.events).toHaveLength(EVENTS + 3);
  const receipt = await server.gateway.receipt(account.stream, testId(`${account.stream} the first`));
  expect(receipt).toMatchObject({ status: 'accepted', revision: 1 });
});

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { streamName } from '#libs/core/entity-id.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { transferDecider } from '../../apps/account/src/domain/transfer.saga.js';
import { accountDecider } from '../../apps/account/src/domain/account.decider.js';
import { opened } from '../../apps/account/src/domain/account.fixture.js';
import { AccountDriver, until } from './account-driver.js';
import { accountServer } from './account-server.js';

/** Default number of activities that a worker runs at a time. */
const SLOTS = 100;

/** Effects whose participant does not answer. */
let hanging = 0;
let answer = (): void => undefined;
const answered = new Promise<void>((resolve) => (answer = resolve));
/** Local attempts that fail, after which a regular activity does the work. */
let failing = 0;
const server = accountServer({
  deciders: [accountDecider, transferDecider],
  wrap: (activities) => ({
    ...activities,
    tryEffect: async () => ({}),
    runEffect: async () => {
      hanging += 1;
      await answered;
      return {};
    },
    decideAndAppend: async (request) => {
      if (failing > 0) {
        failing -= 1;
        throw new Error('the store is slow');
      }
      return activities.decideAndAppend(request);
    },
  }),
});
beforeAll(() => server.open());
afterAll(async () => {
  answer();
  await server.close();
});

it('appends by an ordinary activity while more effects hang than a worker has slots', async () => {
  const at = await server.moment();
  const transfers = Array.from({ length: SLOTS + 10 }, () => {
    const stream = streamName('transfer', randomUUID());
    const data = { from: 'away', to: 'elsewhere', amount: 1, currency: 'USD' };
    return server.gateway.send(stream, [envelopeOf({ type: 'Start', data, at }, stream)]);
  });
  await Promise.all(transfers);
  await until(
    async () => hanging,
    (count) => count >= SLOTS,
  );
  const account = await AccountDriver.with(server, opened);
  failing = 1;
  expect(await account.update(account.deposit('now'))).toMatchObject([{ status: 'accepted' }]);
  expect(failing).toBe(0);
});

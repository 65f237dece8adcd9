import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { SECOND } from '#libs/testing/moments.js';
import { opened } from '../../apps/account/src/domain/account.fixture.js';
import { AccountDriver } from './account-driver.js';
import { accountServer } from './account-server.js';

const deaths: (() => void)[] = [];
let isDying = false;

const server = accountServer({
  intercept: ({ info: { activityType, isLocal } }) => ({
    inbound: {
      execute: (input, next) => {
        if (!isDying || isLocal || activityType !== 'decideAndAppend') return next(input);
        isDying = false;
        // Like a killed process, it sends no heartbeats.
        return new Promise((_, reject) => deaths.push(() => reject(new Error('the test is over'))));
      },
    },
  }),
});
beforeAll(() => server.open());
afterAll(async () => {
  for (const die of deaths) die();
  await server.close();
});

it('a worker that is killed while an append takes its time is missed after seconds', async () => {
  const account = await AccountDriver.with(server, opened);
  const deposit = account.deposit('waiting');
  await account.update(account.deposit('before'));
  const begun = Date.parse(await server.moment());
  server.store.setAway(true);
  isDying = true;
  await account.signal(deposit);
  await server.skip(3 * SECOND * 1_000);
  expect(deaths).toHaveLength(1);
  server.store.setAway(false);
  await server.skip(7 * SECOND * 1_000);
  expect(await account.untilSettled(deposit)).toMatchObject({ status: 'accepted', revision: 2 });
  expect(Date.parse(await server.moment()) - begun).toBeLessThan(30 * SECOND * 1_000);
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AccountCommand, AccountEvent } from '#contracts/account/account.contract.js';
import { accountDecider } from '../../apps/account/src/domain/account.decider.js';
import { opened } from '../../apps/account/src/domain/account.fixture.js';
import type { AccountState } from '../../apps/account/src/domain/account.state.js';
import { AccountDriver } from './account-driver.js';
import { accountServer } from './account-server.js';

const referenceOf = ({ data }: AccountCommand | AccountEvent) => ('reference' in data ? data.reference : '');

let stateVersion = accountDecider.stateVersion;

/** Rules with bugs that a deposit's reference triggers. */
const faulty = {
  ...accountDecider,
  get stateVersion() {
    return stateVersion;
  },
  decide: (command: AccountCommand, state: AccountState) => {
    if (referenceOf(command) === 'decide throws') throw new TypeError('a defect in a rule');
    return referenceOf(command) === 'decides nothing' ? [] : accountDecider.decide(command, state);
  },
  evolve: (state: AccountState, event: AccountEvent) => {
    if (referenceOf(event) === 'evolve throws') throw new TypeError('a defect in the fold');
    return accountDecider.evolve(state, event);
  },
};

const server = accountServer({
  deciders: [faulty],
  wrap: (activities) => ({
    ...activities,
    decideAndAppend: async (request) => {
      const result = await activities.decideAndAppend(request);
      const unknowable = result.events.map((event) =>
        event.data['reference'] === 'no code of today can fold it'
          ? { ...event, data: null as never }
          : event,
      );
      return { ...result, events: unknowable };
    },
  }),
});
beforeAll(() => server.open());
afterAll(() => server.close());

let account: AccountDriver;
beforeEach(async () => {
  stateVersion = accountDecider.stateVersion;
  account = await AccountDriver.with(server, opened);
});

describe('a rule that is broken', () => {
  it.each(['decide throws', 'decides nothing', 'evolve throws'])(
    'fails its command and no other: %s',
    async (defect) => {
      const outcomes = await account.update(
        account.deposit('before'),
        account.deposit(defect),
        account.deposit('after'),
      );
      expect(outcomes).toMatchObject([
        { status: 'accepted', revision: 1 },
        { status: 'failed', code: 'INTERNAL.DEFECT', revision: 1 },
        { status: 'accepted', revision: 2 },
      ]);
      expect(account.deposits).toEqual(['before', 'after']);
      const [again] = await account.update(account.deposit(defect));
      expect(again).toEqual({ ...outcomes[1], replayed: true });
      expect(await account.state()).toEqual(await account.folded());
    },
  );
});

describe('a workflow that cannot fold a recorded event', () => {
  it('continues, and has the stream folded again', async () => {
    const [unfolded] = await account.update(account.deposit('no code of today can fold it'));
    expect(unfolded).toMatchObject({ status: 'accepted', revision: 1 });
    const { revision, state, hash } = await account.folded();
    expect(await server.gateway.state(account.stream)).toEqual({ revision, state, hash });
    const [next] = await account.update(account.deposit('next', { amount: 2 }));
    expect(next).toMatchObject({ status: 'accepted', revision: 2 });
    expect(await account.state()).toEqual(await account.folded());
    expect(await account.state()).toMatchObject({ state: { balance: 3 } });
  });
});

describe('while activities are of a newer version than the workflow', () => {
  it('commands are decided on the state of the newer one', async () => {
    await account.update(account.deposit('before'));
    stateVersion += 1;
    const outcomes = [
      ...(await account.update(account.deposit('a'), account.deposit('b'))),
      ...(await account.update(account.deposit('c'))),
      ...(await account.update(account.command('w', { type: 'Withdraw', data: { amount: 4 } }))),
    ];
    expect(outcomes.map(({ status, revision }) => [status, revision])).toEqual([
      ['accepted', 2],
      ['accepted', 3],
      ['accepted', 4],
      ['accepted', 5],
    ]);
    const { revision, state, hash } = await account.folded();
    expect(await server.gateway.state(account.stream)).toEqual({ revision, state, hash });
  });
});

import { expect, it } from '@jest/globals';
import type { AccountCommand } from '#contracts/account/account.contract.js';
import { moment } from '#libs/testing/moments.js';
import { accountDecider } from './account.decider.js';
import { deposited, held, opened } from './account.fixture.js';

const ownedBy = 'transfer-default.t-1';
const state = [opened, deposited(100), held('t-1', 60, { ownedBy })].reduce(
  (before, event) => accountDecider.evolve(before, event),
  accountDecider.initialState,
);

it.each(['ReleaseHold', 'CaptureHold'] as const)(
  'a hold of a saga takes %s from anybody once the saga has ended',
  (type) => {
    const command: AccountCommand = { type, data: { holdId: 't-1' }, at: moment() };
    expect(accountDecider.owners?.(command, state)).toEqual([ownedBy]);
    expect(accountDecider.owners?.({ ...command, sender: ownedBy }, state)).toEqual([]);
    expect(accountDecider.decide(command, state)).toMatchObject({ code: 'HOLD.OWNED' });
    expect(accountDecider.decide({ ...command, endedOwners: [ownedBy] }, state)).toHaveLength(1);
  },
);

import { beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { AnyDecider, Command } from '#libs/core/decider.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { JsonObject } from '#libs/core/json.js';
import type { DecideRequest } from '#libs/entity/protocol/activity-messages.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { historyOf } from '#libs/testing/history.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { MINUTE, moment } from '#libs/testing/moments.js';
import { accountDecider } from '../../../apps/account/src/domain/account.decider.js';
import { deposited, held, opened } from '../../../apps/account/src/domain/account.fixture.js';
import { createEntityActivities } from './entity.activities.js';
import { emptyFold, foldOnwards } from './fold-stream.js';
import type { NameIndex } from './name-index.js';

const stream = 'account-default.one';
const now = moment(10 * MINUTE);
const owner = 'Alice';
const stranger = 'mallory';

interface More {
  readonly key?: string;
  readonly expectedRevision?: number;
}

function sentBy(onlyFor: string, type: string, data: JsonObject, more: More = {}): CommandEnvelope {
  const name = `${onlyFor} ${type} ${JSON.stringify([data, more])}`;
  return { ...envelopeOf({ type, data, at: now }, name, more), onlyFor };
}

const deposit = (onlyFor: string, amount = 5, more: More = {}) =>
  sentBy(onlyFor, 'Deposit', { amount }, more);
const opening = (onlyFor: string, ofOwner: string) =>
  sentBy(onlyFor, 'Open', { owner: ofOwner, currency: 'USD' });

let store: MemoryEventStore;
beforeEach(() => {
  store = new MemoryEventStore();
});

interface Setting {
  readonly decider?: AnyDecider;
  readonly nameIndex?: NameIndex;
  readonly more?: Partial<DecideRequest>;
}

async function decide(
  batch: readonly CommandEnvelope[],
  { decider = accountDecider, nameIndex, more }: Setting = {},
) {
  const fold = await foldOnwards(decider, store, stream, emptyFold(decider));
  const logger = pino({ level: 'silent' });
  const given = { decider, store, logger, ...(nameIndex && { nameIndex }) };
  const request = { stream, fold, batch, now, searchStream: false, ...more };
  const { outcomes } = await createEntityActivities(given).decideAndAppend(request);
  // The time of the attempt is all that may differ.
  return outcomes.map((outcome) => ({ ...outcome, decidedAt: undefined }));
}

const types = () => store.eventsOf(stream).map(({ type }) => type);
const before = (...history: readonly Parameters<typeof historyOf>[1][number][]) =>
  store.append(stream, -1, historyOf(stream, history));

describe('a command that is only for the owner', () => {
  it('is decided for the owner as any other', async () => {
    await before(opened);
    expect(await decide([deposit(owner)])).toMatchObject([{ status: 'accepted', revision: 1 }]);
  });

  it.each([
    ['of a rule', deposit(stranger)],
    ['of the revision', deposit(stranger, 5, { expectedRevision: 2 })],
    ['of a key that was used', deposit(stranger, 7, { key: 'k' })],
    ['of an entity for somebody else', opening(stranger, 'bob')],
  ])('gets a stranger the same rejection as on no entity, to the letter: %s', async (_, command) => {
    const earlier = deposit(stranger, 6, { key: 'k' });
    const onNothing = await decide([earlier, command]);
    await before(opened, deposited(100), held('h-1', 10));
    expect(await decide([earlier, command])).toEqual(onNothing);
    expect(onNothing).toMatchObject([{}, { status: 'rejected', revision: -1, at: now }]);
    expect(types()).toHaveLength(3);
  });

  it('gets a stranger the answer for a used key as on no entity, if the ring has forgotten it', async () => {
    const earlier = deposit(stranger, 6, { key: 'k' });
    const batches = [earlier, deposit(stranger, 7, { key: 'k' })];
    const more = { searchStream: true, doubtedUpTo: moment(MINUTE), evictedUpTo: moment() };
    const onNothing = await decide(batches, { more: { ...more, doubtedUpTo: now } });
    await before(opened);
    expect(await decide(batches, { more: { ...more, doubtedUpTo: now } })).toEqual(onNothing);
    expect(onNothing).toMatchObject([{ code: 'COMMAND.OUTCOME_LOST', revision: -1 }, { revision: -1 }]);
  });

  it('finds nothing where a stranger would have created the entity', async () => {
    await before(opened);
    expect(await decide([opening(stranger, stranger)])).toMatchObject([
      { status: 'rejected', code: 'ENTITY.NOT_FOUND', revision: -1, detail: 'there is no account one' },
    ]);
    expect(types()).toEqual(['AccountOpened']);
  });

  it('creates an entity of the sender, and no other', async () => {
    expect(await decide([opening(stranger, owner)])).toMatchObject([{ code: 'ACCESS.OWNER_IS_ANOTHER' }]);
    expect(await decide([opening(owner, owner)])).toMatchObject([{ status: 'accepted', revision: 0 }]);
  });

  it('sees the commands before it in the same batch', async () => {
    const batch = [opening(owner, owner), deposit(stranger), deposit(owner)];
    expect(await decide(batch)).toMatchObject([
      { status: 'accepted', revision: 0 },
      { code: 'ACCOUNT.NOT_OPENED', revision: -1 },
      { status: 'accepted', revision: 1 },
    ]);
  });

  it('lets nothing expire if it comes from a stranger', async () => {
    await before(opened, deposited(100), held('h-1', 10, { expiresAt: moment(MINUTE) }));
    await decide([deposit(stranger)]);
    expect(types()).toEqual(['AccountOpened', 'MoneyDeposited', 'HoldPlaced']);
    await decide([deposit(owner)]);
    expect(types().slice(3)).toEqual(['HoldExpired', 'MoneyDeposited']);
  });

  it('is refused to everybody where nobody owns anything', async () => {
    const { owner: _, ...decider } = accountDecider;
    expect(await decide([opening(owner, owner)], { decider })).toMatchObject([
      { code: 'ACCESS.OWNER_IS_ANOTHER' },
    ]);
    await before(opened);
    expect(await decide([deposit(owner)], { decider })).toMatchObject([{ code: 'ACCOUNT.NOT_OPENED' }]);
  });
});

describe('an entity that belongs to several callers', () => {
  const tellers: AnyDecider = {
    ...accountDecider,
    belongsTo: (_state, { id, roles }) => id === 'bob' || roles.includes('teller'),
  };
  const withRole = (role: string) => ({ ...deposit(stranger, 7), roles: [role] });

  it('is seen by those with a name or a role, and not by its owner', async () => {
    await before(opened);
    expect(await decide([deposit('bob', 6), withRole('teller')], { decider: tellers })).toMatchObject([
      { status: 'accepted', revision: 1 },
      { status: 'accepted', revision: 2 },
    ]);
    expect(await decide([deposit(owner), withRole('clerk')], { decider: tellers })).toMatchObject([
      { code: 'ACCOUNT.NOT_OPENED', revision: -1 },
      { code: 'ACCOUNT.NOT_OPENED', revision: -1 },
    ]);
  });

  it('tells its rules who sends a command, and with which roles', async () => {
    const seen: Command[] = [];
    const decider: AnyDecider = {
      ...tellers,
      decide: (command: Command) => {
        seen.push(command);
        return [deposited(1)];
      },
    };
    await decide([{ ...withRole('teller'), onBehalfOf: 'alice' }, envelopeOf(deposited(1), 'any')], {
      decider,
    });
    expect(seen).toMatchObject([
      { actor: 'test:someone', onBehalfOf: 'alice', roles: ['teller'] },
      { actor: 'test:someone' },
    ]);
    expect(seen[1]).not.toHaveProperty('roles');
  });
});

it('names that an entity has used up tell a stranger nothing, and are looked up as for no entity', async () => {
  const decider: AnyDecider = {
    name: 'account',
    stateVersion: 1,
    initialState: { usedNames: [] },
    claims: () => ['h-1'],
    decide: ({ usedNames = [] }: { usedNames?: readonly string[] }) => [
      { type: 'Used', data: { usedNames } },
    ],
    evolve: (_: JsonObject, { data }: { data: JsonObject }) => data,
    owner: ({ usedNames }: { usedNames: readonly string[] }) => (usedNames.length > 0 ? owner : stranger),
  };
  let asked = 0;
  const nameIndex: NameIndex = {
    find: async () => {
      asked += 1;
      return { revision: store.eventsOf(stream).length - 1, used: ['h-1'] };
    },
  };
  await before({ type: 'Used', data: { usedNames: ['h-0'] } });
  expect(await decide([deposit(stranger)], { decider, nameIndex })).toMatchObject([
    { code: 'ENTITY.NOT_FOUND' },
  ]);
  expect(asked).toBe(1);
  // Had the stranger been told of the used name, the entity would have been another's.
  expect(await decide([deposit(owner)], { decider, nameIndex })).toMatchObject([{ status: 'accepted' }]);
});

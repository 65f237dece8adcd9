import { describe } from '@jest/globals';
import { accountContract } from '#contracts/account/account.contract.js';
import { DAY, HOUR, MINUTE, moment, SECOND } from '#libs/testing/moments.js';
import { scenariosOn } from '#libs/testing/scenario.js';
import type { Stage } from '#libs/testing/stage.js';
import {
  captured,
  closed,
  credited,
  deposited,
  expired,
  frozen,
  held,
  interestOf,
  opened,
  released,
  reversed,
  unfrozen,
  withdrawn,
} from './account.fixture.js';
import { MAX_ENDED_HOLD_IDS, MAX_INTEREST_MONTHS, MAX_REVERSED_DEPOSITS } from './account.state.js';

const MOST = Number.MAX_SAFE_INTEGER;

/** Every rule of the account, as scenarios that any stage can run. */
export function accountScenarios(stage: Stage): void {
  const { given, command, it } = scenariosOn(stage, accountContract);

  const open = command('Open', { owner: 'Alice', currency: 'USD' });
  const deposit = (amount: number) => command('Deposit', { amount });
  const withdraw = (amount: number) => command('Withdraw', { amount });
  // With a time of its own, the command does not pass through the API, which looks the deposit up.
  const reverse = (deposit: string, amount: number, deposited?: number) =>
    command(
      'ReverseDeposit',
      { deposit, amount, reason: 'sent twice', ...(deposited !== undefined && { deposited }) },
      moment(),
    );
  const hold = (holdId: string, amount: number) => command('PlaceHold', { holdId, amount });
  const capture = (holdId: string, amount?: number) =>
    command('CaptureHold', { holdId, ...(amount !== undefined && { amount }) });
  const release = (holdId: string) => command('ReleaseHold', { holdId });
  const expire = (holdId: string, at?: string) => command('ExpireHold', { holdId }, at);
  const credit = (month: string, amount: number) => command('CreditInterest', interestOf(month, amount));
  const freeze = command('Freeze', { reason: 'suspicion of fraud' });
  const unfreeze = command('Unfreeze', { reason: 'cleared' });
  const close = command('Close', {});
  const allButOpen = [
    deposit(1),
    withdraw(1),
    reverse('d-1', 1),
    hold('h-1', 1),
    capture('h-1'),
    release('h-1'),
    expire('h-1'),
    credit('2026-10', 1),
    freeze,
    unfreeze,
    close,
  ];

  describe('when never opened', () => {
    it('is opened', () => given().when(open).then(opened));

    it.each(allButOpen)('knows no $type', (command) =>
      given().when(command).thenRejected('ACCOUNT.NOT_OPENED'),
    );
  });

  describe('when open', () => {
    it('is not opened again', () => given(opened).when(open).thenRejected('ACCOUNT.ALREADY_OPENED'));

    it('takes a deposit', () => given(opened).when(deposit(100)).then(deposited(100)));

    it('keeps the reference of a deposit', () =>
      given(opened)
        .when(command('Deposit', { amount: 100, currency: 'USD', reference: 'salary' }))
        .then({ type: 'MoneyDeposited', data: { amount: 100, currency: 'USD', reference: 'salary' } }));

    it('takes a deposit up to the largest balance', () =>
      given(opened, deposited(MOST - 1))
        .when(deposit(1))
        .then(deposited(1)));

    it('takes no deposit that would pass the largest balance', () =>
      given(opened, deposited(MOST)).when(deposit(1)).thenRejected('BALANCE.LIMIT'));

    it('pays out all that is available', () =>
      given(opened, deposited(100))
        .when(command('Withdraw', { amount: 100, reference: 'rent' }))
        .then({ type: 'MoneyWithdrawn', data: { amount: 100, currency: 'USD', reference: 'rent' } }));

    it('pays out no more than there is', () =>
      given(opened, deposited(100), withdrawn(1))
        .when(withdraw(100))
        .thenRejected('ACCOUNT.INSUFFICIENT_FUNDS'));

    it('is frozen', () => given(opened).when(freeze).then(frozen));

    it('has no freeze to lift', () => given(opened).when(unfreeze).thenRejected('ACCOUNT.NOT_FROZEN'));

    it('is closed when empty', () => given(opened, deposited(5), withdrawn(5)).when(close).then(closed));

    it('is not closed with money in it', () =>
      given(opened, deposited(5)).when(close).thenRejected('ACCOUNT.NOT_EMPTY'));

    it('is not closed with an open hold', () =>
      given(opened, deposited(5), held('h-1', 5)).when(close).thenRejected('ACCOUNT.HAS_HOLDS'));

    it.each([
      command('Deposit', { amount: 1, currency: 'EUR' }),
      command('Withdraw', { amount: 1, currency: 'EUR' }),
      command('PlaceHold', { holdId: 'h-1', amount: 1, currency: 'EUR' }),
    ])('refuses a $type in another currency', (command) =>
      given(opened, deposited(100)).when(command).thenRejected('ACCOUNT.CURRENCY_MISMATCH'),
    );
  });

  describe('when a deposit was a mistake', () => {
    const twice = [opened, deposited(100), deposited(100)] as const;

    it('takes it back, or a part of it', async () => {
      await given(...twice)
        .when(reverse('d-1', 100, 100))
        .then(reversed('d-1', 100));
      await given(...twice)
        .when(reverse('d-1', 1, 100))
        .then(reversed('d-1', 1));
    });

    it('takes it back once', () =>
      given(...twice, reversed('d-1', 1))
        .when(reverse('d-1', 99, 100))
        .thenRejected('DEPOSIT.REVERSED'));

    it('takes back no more than was deposited', () =>
      given(...twice)
        .when(reverse('d-1', 101, 100))
        .thenRejected('DEPOSIT.AMOUNT_EXCEEDED'));

    it('takes back nothing that was not deposited', () =>
      given(...twice)
        .when(reverse('d-1', 100))
        .thenRejected('DEPOSIT.NOT_FOUND'));

    it('takes another one back', () =>
      given(...twice, reversed('d-1', 100))
        .when(reverse('d-2', 100, 100))
        .then(reversed('d-2', 100)));

    it('takes it back once, however many were taken back since', async () => {
      const others = Array.from({ length: MAX_REVERSED_DEPOSITS }, (_, index) => `d-${index + 2}`);
      const history = [opened, deposited(1_000), ...['d-1', ...others].map((id) => reversed(id, 1))];
      await given(...history)
        .when(reverse('d-1', 1, 100))
        .thenRejected('DEPOSIT.REVERSED');
      await given(...history)
        .when(reverse('d-0', 1, 100))
        .then(reversed('d-0', 1));
    });

    it('is not confused by a hold of the same name', () =>
      given(...twice, held('d-1', 1), released('d-1', 1))
        .when(reverse('d-1', 100, 100))
        .then(reversed('d-1', 100)));

    it('takes no more than is available', () =>
      given(...twice, held('h-1', 101))
        .when(reverse('d-1', 100, 100))
        .thenRejected('ACCOUNT.INSUFFICIENT_FUNDS'));
  });

  describe('when money is set aside', () => {
    const withHold = [opened, deposited(100), held('h-1', 60)] as const;

    it('holds what is available', () =>
      given(...withHold)
        .when(command('PlaceHold', { holdId: 'h-2', amount: 40, reference: 'order 7' }))
        .then(held('h-2', 40, { reference: 'order 7' })));

    it('sets aside no more than is available', () =>
      given(...withHold)
        .when(hold('h-2', 41))
        .thenRejected('ACCOUNT.INSUFFICIENT_FUNDS'));

    it('pays out no money that is set aside', () =>
      given(...withHold)
        .when(withdraw(41))
        .thenRejected('ACCOUNT.INSUFFICIENT_FUNDS'));

    it('uses the id of a hold once while it is open', () =>
      given(...withHold)
        .when(hold('h-1', 1))
        .thenRejected('HOLD.ID_USED'));

    it('uses the id of a hold once after it ended', () =>
      given(...withHold, released('h-1', 60))
        .when(hold('h-1', 1))
        .thenRejected('HOLD.ID_USED'));

    it('uses the id of a hold once, however many have ended since', async () => {
      const ended = Array.from({ length: MAX_ENDED_HOLD_IDS }, (_, index) => `h-${index + 2}`);
      const history = [
        ...withHold,
        released('h-1', 60),
        ...ended.flatMap((id) => [held(id, 1), released(id, 1)]),
      ];
      await given(...history)
        .when(hold('h-1', 1))
        .thenRejected('HOLD.ID_USED');
      await given(...history)
        .when(capture('h-1'))
        .thenRejected('HOLD.ENDED');
      await given(...history)
        .when(capture('h-0'))
        .thenRejected('HOLD.NOT_FOUND');
      await given(...history)
        .when(hold('h-0', 1))
        .then(held('h-0', 1));
    });

    it('captures the whole hold when no amount is named', () =>
      given(...withHold)
        .when(capture('h-1'))
        .then(captured('h-1', 60)));

    it('captures a part and makes the rest available', () =>
      given(...withHold)
        .when(capture('h-1', 45))
        .then(captured('h-1', 45, 15)));

    it('captures no more than is held', () =>
      given(...withHold)
        .when(capture('h-1', 61))
        .thenRejected('HOLD.AMOUNT_EXCEEDED'));

    it('releases a hold', () =>
      given(...withHold)
        .when(release('h-1'))
        .then(released('h-1', 60)));

    it.each([capture('h-9'), release('h-9'), expire('h-9')])('knows no hold to $type', (command) =>
      given(...withHold)
        .when(command)
        .thenRejected('HOLD.NOT_FOUND'),
    );

    it.each([captured('h-1', 60), captured('h-1', 1, 59), released('h-1', 60), expired('h-1', 60)])(
      'ends a hold once: $type',
      async (end) => {
        for (const again of [capture('h-1'), release('h-1'), expire('h-1')]) {
          await given(...withHold, end)
            .when(again)
            .thenRejected('HOLD.ENDED');
        }
      },
    );

    it('has room for 1,000 open holds', async () => {
      const holds = Array.from({ length: 1_000 }, (_, index) => held(`h-${index}`, 1));
      await given(opened, deposited(2_000), ...holds.slice(1))
        .when(hold('one-more', 1))
        .then(held('one-more', 1));
      await given(opened, deposited(2_000), ...holds)
        .when(hold('one-more', 1))
        .thenRejected('HOLD.LIMIT');
    });
  });

  describe('when an owner is given', () => {
    const holdOf = (owner: string) => command('PlaceHold', { holdId: 'h-1', amount: 1, owner });

    it('sets money aside for its owner', () =>
      given(opened, deposited(100)).when(holdOf('Alice')).then(held('h-1', 1)));

    it('refuses anybody else', () =>
      given(opened, deposited(100)).when(holdOf('Bob')).thenRejected('ACCOUNT.NOT_OWNED'));
  });

  describe('when a hold has a deadline', () => {
    const deadline = moment(HOUR);
    const withDeadline = [opened, deposited(100), held('h-1', 60, { expiresAt: deadline })] as const;
    const holdUntil = (expiresAt: string) => command('PlaceHold', { holdId: 'h-2', amount: 1, expiresAt });

    it.each([moment(0.001), moment(366 * DAY)])('takes a deadline within a year: %s', (expiresAt) =>
      given(opened, deposited(100))
        .when(holdUntil(expiresAt))
        .then(held('h-2', 1, { expiresAt })),
    );

    it.each([moment(), moment(-SECOND), moment(366 * DAY + 0.001)])(
      'takes no deadline that has passed or is over a year away: %s',
      (expiresAt) =>
        given(opened, deposited(100)).when(holdUntil(expiresAt)).thenRejected('HOLD.DEADLINE_INVALID'),
    );

    it('captures before the deadline', () =>
      given(...withDeadline)
        .when({ ...capture('h-1'), at: moment(HOUR - 0.001) })
        .then(captured('h-1', 60)));

    it('captures nothing at the deadline: the hold expires first', () =>
      given(...withDeadline)
        .when({ ...capture('h-1'), at: deadline })
        .thenRejected('HOLD.ENDED', expired('h-1', 60)));

    it('may spend what an expired hold has made available', () =>
      given(...withDeadline)
        .when({ ...withdraw(100), at: moment(HOUR + MINUTE) })
        .then(expired('h-1', 60), withdrawn(100)));

    it('lets several holds expire in the order of their deadlines', () =>
      given(
        ...withDeadline,
        held('h-0', 10, { expiresAt: moment(2 * HOUR) }),
        held('h-2', 20, { expiresAt: moment(MINUTE) }),
        held('h-3', 5),
      )
        .when({ ...deposit(1), at: moment(DAY) })
        .then(expired('h-2', 20), expired('h-1', 60), expired('h-0', 10), deposited(1)));

    it('lets nothing expire early', () =>
      given(...withDeadline)
        .when(expire('h-1', moment(HOUR - 0.001)))
        .thenRejected('HOLD.NOT_DUE'));

    it('lets a hold without a deadline never expire', () =>
      given(opened, deposited(100), held('h-1', 60))
        .when(expire('h-1', moment(3_650 * DAY)))
        .thenRejected('HOLD.NOT_DUE'));

    it('has let it expire by the time it is asked to', () =>
      given(...withDeadline)
        .when(expire('h-1', deadline))
        .thenRejected('HOLD.ENDED', expired('h-1', 60)));
  });

  describe('when a saga has set money aside', () => {
    const sender = 'transfer-default.t-1';
    const withHold = [opened, deposited(100), held('t-1', 60, { ownedBy: sender })];

    it('knows whose hold it is', () =>
      given(opened, deposited(100))
        .when({ ...hold('t-1', 60), sender })
        .then(held('t-1', 60, { ownedBy: sender })));

    it('is not ended by anybody else', async () => {
      for (const other of [undefined, 'transfer-default.t-2']) {
        for (const end of [capture('t-1'), release('t-1')]) {
          await given(...withHold)
            .when({ ...end, ...(other !== undefined && { sender: other }) })
            .thenRejected('HOLD.OWNED');
        }
      }
    });

    it('is ended by its saga', async () => {
      await given(...withHold)
        .when({ ...capture('t-1'), sender })
        .then(captured('t-1', 60));
      await given(...withHold)
        .when({ ...release('t-1'), sender })
        .then(released('t-1', 60));
    });
  });

  describe('when it gets interest', () => {
    const months = (count: number) =>
      Array.from(
        { length: count },
        (_, month) => `${2_000 + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`,
      );

    it('credits it', () =>
      given(opened, deposited(100)).when(credit('2026-10', 2)).then(credited('2026-10', 2)));

    it('credits that of each month, in any order', () =>
      given(opened, deposited(100), credited('2026-10', 2))
        .when(credit('2026-09', 2))
        .then(credited('2026-09', 2)));

    it('credits that of a month once, whatever the amount', () =>
      given(opened, deposited(100), credited('2026-10', 2), credited('2026-11', 2))
        .when(credit('2026-10', 3))
        .thenRejected('INTEREST.CREDITED'));

    it('credits none in another currency', () =>
      given(opened, deposited(100))
        .when(command('CreditInterest', { ...interestOf('2026-10', 2), currency: 'EUR' }))
        .thenRejected('ACCOUNT.CURRENCY_MISMATCH'));

    it('credits none that would pass the largest balance', () =>
      given(opened, deposited(MOST - 1))
        .when(credit('2026-10', 2))
        .thenRejected('BALANCE.LIMIT'));

    it('credits none of a month that it no longer remembers', () =>
      given(opened, ...months(MAX_INTEREST_MONTHS + 1).map((month) => credited(month, 1)))
        .when(credit('2000-01', 1))
        .thenRejected('INTEREST.TOO_LATE'));

    it('credits an earlier month while it remembers all', () =>
      given(opened, ...months(MAX_INTEREST_MONTHS - 1).map((month) => credited(month, 1)))
        .when(credit('1999-12', 1))
        .then(credited('1999-12', 1)));

    it('pays it out', () =>
      given(opened, deposited(100), credited('2026-10', 2)).when(withdraw(102)).then(withdrawn(102)));
  });

  describe('when frozen', () => {
    const frozenWithHold = [
      opened,
      deposited(100),
      held('h-1', 60, { expiresAt: moment(HOUR) }),
      frozen,
    ] as const;

    it('takes a deposit', () =>
      given(...frozenWithHold)
        .when(deposit(1))
        .then(deposited(1)));

    it('gets interest', () =>
      given(...frozenWithHold)
        .when(credit('2026-10', 1))
        .then(credited('2026-10', 1)));

    it('captures a hold placed before', () =>
      given(...frozenWithHold)
        .when(capture('h-1'))
        .then(captured('h-1', 60)));

    it('releases a hold placed before', () =>
      given(...frozenWithHold)
        .when(release('h-1'))
        .then(released('h-1', 60)));

    it('lets holds expire', () =>
      given(...frozenWithHold)
        .when({ ...unfreeze, at: moment(HOUR) })
        .then(expired('h-1', 60), unfrozen));

    it('is unfrozen', () =>
      given(...frozenWithHold)
        .when(unfreeze)
        .then(unfrozen));

    it.each([withdraw(1), reverse('d-1', 1), hold('h-2', 1), freeze, close])('refuses $type', (command) =>
      given(...frozenWithHold)
        .when(command)
        .thenRejected('ACCOUNT.FROZEN'),
    );

    it('is not opened again', () =>
      given(...frozenWithHold)
        .when(open)
        .thenRejected('ACCOUNT.ALREADY_OPENED'));

    it('pays out again once unfrozen', () =>
      given(...frozenWithHold, unfrozen)
        .when(withdraw(40))
        .then(withdrawn(40)));
  });

  describe('when closed', () => {
    it.each(allButOpen)('refuses $type', (command) =>
      given(opened, closed).when(command).thenRejected('ACCOUNT.CLOSED'),
    );

    it('is never opened again', () =>
      given(opened, closed).when(open).thenRejected('ACCOUNT.ALREADY_OPENED'));
  });
}

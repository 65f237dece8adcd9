import { describe, expect } from '@jest/globals';
import { accountContract, type AccountEvent } from '#contracts/account/account.contract.js';
import { MAX_WAITING_REQUESTS } from '#libs/core/approval-limit.js';
import { DAY, HOUR, moment } from '#libs/testing/moments.js';
import { scenariosOn } from '#libs/testing/scenario.js';
import type { Stage } from '#libs/testing/stage.js';
import {
  captured,
  closed,
  contentHash,
  deposited,
  frozen,
  held,
  holdRequested,
  limitRemoved,
  limitSet,
  opened,
  requestApproved,
  requestRefused,
  unfrozen,
  withdrawalRequested,
  withdrawn,
} from './account.fixture.js';

type Ending = 'approved' | 'refused' | 'withdrawn';

/** A request whose approval has an id and a hash that depend on the account and the command. */
function anyOf(event: AccountEvent): AccountEvent {
  const data = { ...event.data, approvalId: expect.any(String), contentHash: expect.any(String) };
  return { ...event, data } as unknown as AccountEvent;
}

/** Every rule about the approval limit of an account, as scenarios that any stage can run. */
export function accountApprovalScenarios(stage: Stage): void {
  const { given, command, it } = scenariosOn(stage, accountContract);

  const setLimit = (amount: number, more: object = {}) =>
    command('SetApprovalLimit', {
      ...{ amount, candidates: ['role:supervisor'], needed: 1, withinSeconds: 3 * DAY },
      ...more,
    });
  const removeLimit = command('RemoveApprovalLimit', {});
  const withdraw = (amount: number) => command('Withdraw', { amount });
  const hold = (holdId: string, amount: number, more: object = {}) =>
    command('PlaceHold', { holdId, amount, ...more });
  const capture = (holdId: string) => command('CaptureHold', { holdId });
  const release = (holdId: string) => command('ReleaseHold', { holdId });
  const answer = (id: string, outcome: Ending, more: object = {}) => ({
    ...command('RecordApproval', { outcome, approval: { id, contentHash, by: ['tom'], ...more } }),
    sender: `approval-default.${id}`,
  });
  const dropped = (echo: string) =>
    command('DropRequest', {
      ...{ key: `request:${echo}`, status: 'refused', attempts: 1, echo },
      ...{ code: 'APPROVAL.TOO_FEW_CANDIDATES', detail: 'nobody' },
    });

  const limited = [opened, deposited(100), limitSet(50)] as const;

  describe('with an approval limit', () => {
    it('is set, and set again', async () => {
      await given(opened).when(setLimit(50)).then(limitSet(50));
      await given(opened, limitSet(50)).when(setLimit(0)).then(limitSet(0));
      await given(opened, frozen).when(setLimit(50)).then(limitSet(50));
    });

    it('is not set in another currency', () =>
      given(opened)
        .when(setLimit(50, { currency: 'EUR' }))
        .thenRejected('ACCOUNT.CURRENCY_MISMATCH'));

    it('is not set if its candidates are too few', () =>
      given(opened)
        .when(setLimit(50, { candidates: ['user:tom', 'user:tom'], needed: 2 }))
        .thenRejected('ACCOUNT.TOO_FEW_CANDIDATES'));

    it('is removed once', async () => {
      await given(opened, limitSet(50)).when(removeLimit).then(limitRemoved);
      await given(opened, limitSet(50), limitRemoved)
        .when(removeLimit)
        .thenRejected('ACCOUNT.NO_APPROVAL_LIMIT');
    });

    it.each([setLimit(50), removeLimit, answer('a-1', 'approved'), dropped('a-1')])(
      'knows no $type when it was never opened, and refuses it when closed',
      async (command) => {
        await given().when(command).thenRejected('ACCOUNT.NOT_OPENED');
        await given(opened, closed).when(command).thenRejected('ACCOUNT.CLOSED');
      },
    );

    it('pays out and holds up to the limit at once, and more than that once it is removed', async () => {
      await given(...limited)
        .when(withdraw(50))
        .then(withdrawn(50));
      await given(...limited)
        .when(hold('h-1', 50))
        .then(held('h-1', 50));
      await given(...limited, limitRemoved)
        .when(withdraw(51))
        .then(withdrawn(51));
    });

    it('takes only the money of a larger withdrawal that is available', () =>
      given(...limited)
        .when(withdraw(101))
        .thenRejected('ACCOUNT.INSUFFICIENT_FUNDS'));

    it('lets at most 100 requests wait', async () => {
      const requests = Array.from({ length: MAX_WAITING_REQUESTS }, (_, index) =>
        withdrawalRequested(`a-${index}`, 1),
      );
      const history = [opened, deposited(1_000), limitSet(50)];
      await given(...history, ...requests)
        .when(withdraw(51))
        .thenRejected('ACCOUNT.REQUEST_LIMIT');
      await given(...history, ...requests, requestRefused('a-7', 1, 'refused'))
        .when(withdraw(51))
        .then(anyOf(withdrawalRequested('', 51)));
    });

    it.each(['checkout-default.c:checkout-1', 'transfer-default.t-1', 'flow-default.f-1'])(
      'pays nothing larger to an entity, which would not wait: %s',
      (sender) =>
        given(...limited)
          .when({ ...withdraw(51), sender })
          .thenRejected('ACCOUNT.APPROVAL_NEEDED'),
    );
  });

  describe('when a withdrawal waits for approval', () => {
    const waiting = [...limited, withdrawalRequested('a-1', 60)] as const;

    it('has its money held', async () => {
      await given(...limited)
        .when(command('Withdraw', { amount: 60, reference: 'rent' }))
        .then(anyOf(withdrawalRequested('', 60, { reference: 'rent' })));
      await given(...waiting)
        .when(withdraw(41))
        .thenRejected('ACCOUNT.INSUFFICIENT_FUNDS');
      await given(...waiting)
        .when(withdraw(40))
        .then(withdrawn(40));
    });

    it('is paid out once it is approved', () =>
      given(...limited, withdrawalRequested('a-1', 60, { reference: 'rent' }))
        .when(answer('a-1', 'approved'))
        .then(requestApproved('a-1', 60), {
          type: 'MoneyWithdrawn',
          data: { amount: 60, currency: 'USD', reference: 'rent' },
        }));

    it.each(['refused', 'withdrawn'] as const)('has its money back when it is %s', async (outcome) => {
      await given(...waiting)
        .when(answer('a-1', outcome, { by: [], reason: 'too much' }))
        .then(requestRefused('a-1', 60, outcome, { reason: 'too much' }));
      await given(...waiting, requestRefused('a-1', 60, outcome))
        .when(withdraw(50))
        .then(withdrawn(50));
    });

    it('has its money back when the approval could not be requested', () =>
      given(...waiting)
        .when(dropped('a-1'))
        .then(requestRefused('a-1', 60, 'not-requested', { reason: 'APPROVAL.TOO_FEW_CANDIDATES: nobody' })));

    it('ends once', async () => {
      for (const end of [
        [requestApproved('a-1', 60), withdrawn(60)],
        [requestRefused('a-1', 60, 'refused')],
      ]) {
        for (const again of [answer('a-1', 'approved'), answer('a-1', 'refused'), dropped('a-1')]) {
          await given(...waiting, ...end)
            .when(again)
            .thenRejected('ACCOUNT.NOT_WAITING');
        }
      }
    });

    it('is answered by its own approval, for its own content', async () => {
      const approved = answer('a-1', 'approved');
      for (const sender of ['approval-default.a-2', 'transfer-default.a-1', undefined]) {
        await given(...waiting)
          .when({ ...approved, ...(sender === undefined ? { sender: '' } : { sender }) })
          .thenRejected('ACCOUNT.WRONG_APPROVAL');
      }
      await given(...waiting)
        .when(answer('a-1', 'approved', { contentHash: 'b'.repeat(64) }))
        .thenRejected('ACCOUNT.WRONG_APPROVAL');
    });

    it('is decided as it was requested, whatever became of the limit', async () => {
      for (const change of [limitRemoved, limitSet(0), limitSet(100)]) {
        await given(...waiting, change)
          .when(answer('a-1', 'approved'))
          .then(requestApproved('a-1', 60), withdrawn(60));
        await given(...waiting, change)
          .when(answer('a-1', 'refused'))
          .then(requestRefused('a-1', 60, 'refused'));
      }
    });

    it('is not paid out by a frozen account, which keeps the money', async () => {
      await given(...waiting, frozen)
        .when(answer('a-1', 'approved'))
        .then(requestRefused('a-1', 60, 'frozen'));
      await given(...waiting, frozen)
        .when(answer('a-1', 'refused'))
        .then(requestRefused('a-1', 60, 'refused'));
      await given(...waiting, frozen, unfrozen)
        .when(answer('a-1', 'approved'))
        .then(requestApproved('a-1', 60), withdrawn(60));
    });

    it('keeps the account from being closed', async () => {
      await given(...waiting, withdrawn(40))
        .when(command('Close', {}))
        .thenRejected('ACCOUNT.HAS_REQUESTS');
      await given(...waiting, requestApproved('a-1', 60), withdrawn(60), withdrawn(40))
        .when(command('Close', {}))
        .then(closed);
    });
  });

  describe('when a hold waits for approval', () => {
    const expiresAt = moment(HOUR);
    const requested = holdRequested('a-1', 'h-1', 60, { expiresAt, reference: 'order 7' });
    const waiting = [...limited, requested] as const;
    const released = requestRefused('a-1', 60, 'released', { holdId: 'h-1' });
    const expired = requestRefused('a-1', 60, 'expired', { holdId: 'h-1' });

    it('has its money held, and an approval that is of no use after the hold', () =>
      given(...limited)
        .when(hold('h-1', 60, { expiresAt, reference: 'order 7' }))
        .then(anyOf(holdRequested('', 'h-1', 60, { expiresAt, reference: 'order 7', deadline: expiresAt }))));

    it('is placed once it is approved, and captured only then', async () => {
      await given(...waiting)
        .when(capture('h-1'))
        .thenRejected('HOLD.NOT_APPROVED');
      const placed = held('h-1', 60, { expiresAt, reference: 'order 7' });
      await given(...waiting)
        .when(answer('a-1', 'approved'))
        .then(requestApproved('a-1', 60, { holdId: 'h-1' }), placed);
      await given(...waiting, requestApproved('a-1', 60, { holdId: 'h-1' }), placed)
        .when(capture('h-1'))
        .then(captured('h-1', 60));
    });

    it('is not placed by a frozen account', () =>
      given(...waiting, frozen)
        .when(answer('a-1', 'approved'))
        .then(requestRefused('a-1', 60, 'frozen', { holdId: 'h-1' })));

    it('uses up its id', async () => {
      await given(...waiting)
        .when(hold('h-1', 1))
        .thenRejected('HOLD.ID_USED');
      for (const end of [released, requestRefused('a-1', 60, 'refused', { holdId: 'h-1' })]) {
        await given(...waiting, end)
          .when(hold('h-1', 1))
          .thenRejected('HOLD.ID_USED');
        await given(...waiting, end)
          .when(capture('h-1'))
          .thenRejected('HOLD.ENDED');
      }
    });

    it('is released, after which an approval comes too late', async () => {
      await given(...waiting)
        .when(release('h-1'))
        .then(released);
      await given(...waiting, released)
        .when(answer('a-1', 'approved'))
        .thenRejected('ACCOUNT.NOT_WAITING');
    });

    it('expires like any other, after which an approval comes too late', async () => {
      await given(...waiting)
        .when({ ...withdraw(50), at: expiresAt })
        .then(expired, withdrawn(50));
      await given(...waiting)
        .when({ ...answer('a-1', 'approved'), at: expiresAt })
        .thenRejected('ACCOUNT.NOT_WAITING', expired);
      await given(...waiting)
        .when(command('ExpireHold', { holdId: 'h-1' }, moment(HOUR - 0.001)))
        .thenRejected('HOLD.NOT_DUE');
    });

    it('needs none for a checkout, whose hold nobody else can capture', () =>
      given(...limited)
        .when({ ...hold('h-1', 60), sender: 'checkout-default.c:checkout-1' })
        .then(held('h-1', 60, { ownedBy: 'checkout-default.c:checkout-1' })));

    it('is refused to an entity that does not wait', () =>
      given(...limited)
        .when({ ...hold('h-1', 60), sender: 'transfer-default.t-1' })
        .thenRejected('ACCOUNT.APPROVAL_NEEDED'));

    it('belongs to the saga that waits for it', async () => {
      const ownedBy = 'transfer-default.t-1';
      const asker = { saga: ownedBy, step: 'hold', answerTo: 'command-1' };
      const owned = holdRequested('a-1', 'h-1', 60, { ownedBy, asker });
      await given(...limited)
        .when({ ...hold('h-1', 60, { step: 'hold' }), sender: ownedBy })
        .then(
          anyOf(
            holdRequested('', 'h-1', 60, {
              ownedBy,
              asker: { ...asker, answerTo: expect.any(String) as unknown as string },
            }),
          ),
        );
      await given(...limited, owned)
        .when(release('h-1'))
        .thenRejected('HOLD.OWNED');
      await given(...limited, owned)
        .when({ ...release('h-1'), sender: ownedBy })
        .then(requestRefused('a-1', 60, 'released', { holdId: 'h-1', asker }));
      await given(...limited, owned)
        .when(answer('a-1', 'approved'))
        .then(requestApproved('a-1', 60, { holdId: 'h-1', asker }), held('h-1', 60, { ownedBy }));
    });
  });
}

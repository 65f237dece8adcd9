import type { TransferInput } from '#contracts/transfer/transfer.contract.js';
import { reject } from '#libs/core/rejection.js';
import { Account } from '#contracts/account/account.kind.js';
import { entity } from '#libs/core/entity-in-effects.js';
import type { SagaDefinition } from '#libs/core/saga/saga.js';
import { sagaDecider } from '#libs/core/saga/saga.decider.js';

const HOLD = 'hold';
const PATIENCE_SECONDS = 600;
/** No approval takes longer than a year. */
const LONGEST_APPROVAL_SECONDS = 366 * 24 * 3_600;

/**
 * The money is held, so that nobody else can spend it; deposited in the other account; then
 * captured. A hold placed before a freeze can still be captured, so the last step cannot be
 * rejected. A hold above the approval limit of the account waits until it is approved, and the
 * transfer with it. An account from which its starter may not take money is refused as if there
 * were none.
 */
const transferSaga = {
  name: 'transfer',
  stateVersion: 6,
  patienceSeconds: PATIENCE_SECONDS,
  check: ({ from, to }) =>
    from === to ? reject('TRANSFER.SAME_ACCOUNT', 'a transfer needs two different accounts') : undefined,
  owner: (_, startedBy) => startedBy,
  stages: ({ from, to, ...rest }, id) => {
    const { amount, currency } = rest;
    const reference = typeof rest['reference'] === 'string' ? rest['reference'] : `transfer ${id}`;
    const ofHold = { holdId: id };
    return [
      [
        {
          name: HOLD,
          onlyForStarter: true,
          action: {
            ...entity(Account, from).send({
              type: 'PlaceHold',
              data: { ...ofHold, amount, currency, reference, step: HOLD },
            }),
            answer: { laterAfter: 'HoldRequested' },
          },
          withdraw: entity(Account, from).send({ type: 'ReleaseHold', data: ofHold }),
          answerSeconds: LONGEST_APPROVAL_SECONDS,
          compensation: () => entity(Account, from).send({ type: 'ReleaseHold', data: ofHold }),
          nothingToUndo: ['HOLD.ENDED', 'HOLD.NOT_FOUND', 'ACCOUNT.NOT_OPENED', 'ACCOUNT.CLOSED'],
        },
      ],
      [
        {
          name: 'deposit',
          action: entity(Account, to).send({ type: 'Deposit', data: { amount, currency, reference } }),
          pointOfNoReturn: true,
        },
      ],
      [{ name: 'capture', action: entity(Account, from).send({ type: 'CaptureHold', data: ofHold }) }],
    ];
  },
} satisfies SagaDefinition<TransferInput>;

export function createTransferDecider(overdueSeconds?: number) {
  return sagaDecider<TransferInput>({ ...transferSaga, overdueSeconds });
}

export const transferDecider = createTransferDecider();

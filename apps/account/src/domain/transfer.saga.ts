import type { TransferInput } from '#contracts/transfer/transfer.contract.js';
import type { Action } from '#libs/decider/effect.js';
import type { JsonObject } from '#libs/decider/json.js';
import { reject } from '#libs/decider/rejection.js';
import type { SagaDefinition } from '#libs/saga/saga.js';
import { sagaDecider } from '#libs/saga/saga.decider.js';

const PATIENCE_SECONDS = 600;

/**
 * The money is held, so that it can neither be spent nor lack at the end; paid in at the other side; then taken out of the
 * hold. A hold placed before a freeze stays capturable, so the last step cannot be refused.
 */
const transferSaga: SagaDefinition<TransferInput> = {
  name: 'transfer',
  stateVersion: 1,
  patienceSeconds: PATIENCE_SECONDS,
  check: ({ from, to }) =>
    from === to ? reject('TRANSFER.SAME_ACCOUNT', 'a transfer goes to another account') : undefined,
  stages: ({ from, to, ...rest }, id) => {
    const { amount, currency } = rest;
    const reference = typeof rest['reference'] === 'string' ? rest['reference'] : `transfer ${id}`;
    const holdId = id;
    return [
      [
        {
          name: 'hold',
          action: tell(from, 'PlaceHold', { holdId, amount, currency, reference }),
          compensation: () => tell(from, 'ReleaseHold', { holdId }),
          nothingToUndo: ['HOLD.ENDED', 'HOLD.NOT_FOUND'],
        },
      ],
      [
        {
          name: 'deposit',
          action: tell(to, 'Deposit', { amount, currency, reference }),
          pointOfNoReturn: true,
        },
      ],
      [{ name: 'capture', action: tell(from, 'CaptureHold', { holdId }) }],
    ];
  },
};

export const transferDecider = sagaDecider(transferSaga);

function tell(account: string, type: string, data: JsonObject): Action {
  return { kind: 'send', to: { category: 'account', id: account }, command: { type, data } };
}

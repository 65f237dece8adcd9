import type { EntityContract } from '#contracts/entity-contract.js';
import type { AnyDecider } from '#libs/core/decider.js';
import { presentSaga } from '#libs/core/saga/saga.view.js';
import { sagaNeeds } from './saga-needs.js';
import { sagasView } from './sagas.projection.js';
import { sagaList } from './sagas.queries.js';

/** A saga as its service hosts it, with the list of all sagas of its kind. */
export function hostSaga(contract: EntityContract, decider: AnyDecider) {
  const { name, plural } = contract;
  const view = sagasView(name, plural, decider.owner);
  return {
    contract,
    decider,
    present: presentSaga,
    views: [view],
    reads: [sagaList(contract, view)],
    needs: { [name]: sagaNeeds(name) },
  };
}

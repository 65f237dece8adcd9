import type { EntityContract } from '#contracts/entity-contract.js';
import type { AnyDecider } from '#libs/core/decider.js';
import type { PlannedStage } from '#libs/core/saga/saga.plan.js';
import type { SagaState } from '#libs/core/saga/saga.state.js';
import { presentSaga } from '#libs/core/saga/saga.view.js';
import { sagaNeeds } from './saga-needs.js';
import { sagasView } from './sagas.projection.js';
import { sagaList } from './sagas.queries.js';

// oxlint-disable-next-line typescript/no-explicit-any -- as in AnyDecider
type AnySagaDecider = AnyDecider & { readonly plan: (state: any) => readonly PlannedStage[] };

/** A saga as its service hosts it, with the list of all sagas of its kind. */
export function hostSaga(contract: EntityContract, decider: AnySagaDecider) {
  const { name, plural } = contract;
  const view = sagasView(name, plural, decider.owner);
  return {
    contract,
    decider,
    present: (state: SagaState) => presentSaga(state, decider.plan(state)),
    views: [view],
    reads: [sagaList(contract, view)],
    needs: { [name]: sagaNeeds(name) },
  };
}

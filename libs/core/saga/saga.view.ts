import type { SagaState, StepState } from './saga.state.js';

/**
 * A saga as clients see it: each step with its status, its attempts and the time of its last
 * change.
 */
export function presentSaga({ status, input, startedAt, endedAt, deadline, cause, steps }: SagaState) {
  return {
    status,
    input,
    startedAt,
    ...(endedAt !== undefined && { endedAt }),
    deadline,
    ...(cause && { cause }),
    steps: steps.map(presentStep),
  };
}

function presentStep(step: StepState) {
  const { wasUndoing: _, resolved: __, ...shown } = step;
  return shown;
}

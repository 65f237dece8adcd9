import type { SagaState, StepState } from './saga.state.js';

/**
 * A saga as clients see it: each step with its status, its attempts and the time of its last
 * change.
 */
export function presentSaga(state: SagaState) {
  const { status, input, startedBy, startedAt, endedAt, deadline, cause, steps } = state;
  return {
    status,
    input,
    ...(startedBy !== undefined && { startedBy }),
    startedAt,
    ...(endedAt !== undefined && { endedAt }),
    deadline,
    ...(cause && { cause }),
    steps: steps.map(presentStep),
  };
}

function presentStep(step: StepState) {
  const { wasUndoing: _, resolved: __, retries: ___, actionRetries: ____, ...shown } = step;
  return shown;
}

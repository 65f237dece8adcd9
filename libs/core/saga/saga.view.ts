import type { PlannedStage } from './saga.plan.js';
import type { SagaState, StepState } from './saga.state.js';

/**
 * A saga as clients see it: each step with its status, its attempts and the time of its last
 * change, and the stages that its definition declares.
 */
export function presentSaga(state: SagaState, stages: readonly PlannedStage[]) {
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
    stages,
  };
}

function presentStep(step: StepState) {
  const { wasUndoing: _, resolved: __, retries: ___, actionRetries: ____, ...shown } = step;
  return shown;
}

import type { SagaState } from './saga.state.js';

/** A saga as clients see it: each step with its state, its tries and the time of its last change. */
export function presentSaga({ status, input, startedAt, endedAt, deadline, cause, steps }: SagaState) {
  return {
    status,
    input,
    startedAt,
    ...(endedAt !== undefined && { endedAt }),
    deadline,
    ...(cause && { cause }),
    steps: steps.map(({ name, status: stepStatus, at, attempts, refusal, note }) => ({
      name,
      status: stepStatus,
      at,
      ...(attempts !== undefined && { attempts }),
      ...(refusal && { refusal }),
      ...(note !== undefined && { note }),
    })),
  };
}

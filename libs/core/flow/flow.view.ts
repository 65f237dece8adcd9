import type { FlowState } from './flow.state.js';

/** A flow as clients see it. */
export function presentFlow(state: FlowState) {
  const { status, input, startedAt, endedAt, received, waits, stuck, parent, startedBy } = state;
  const { progress, result, failure, cancelReason } = state;
  return {
    status,
    input,
    startedAt,
    ...(endedAt !== undefined && { endedAt }),
    ...(progress !== undefined && { progress }),
    waits,
    received,
    ...(result && { result }),
    ...(failure && { failure }),
    ...(cancelReason !== undefined && { cancelReason }),
    stuck,
    ...(parent && { parent }),
    ...(startedBy !== undefined && { startedBy }),
  };
}

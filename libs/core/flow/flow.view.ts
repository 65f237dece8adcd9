import type { FlowState } from './flow.state.js';

/** A flow as clients see it. */
export function presentFlow(state: FlowState) {
  const { execution: _, seed: __, receivedBytes: ___, timers: ____, ...shown } = state;
  return shown;
}

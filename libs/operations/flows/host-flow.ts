import type { FlowContract } from '#contracts/flow/flow.contract.js';
import { flowDecider } from '#libs/core/flow/flow.decider.js';
import { presentFlow } from '#libs/core/flow/flow.view.js';
import { flowsView } from './flows.projection.js';
import { allFlowsList, flowList } from './flows.queries.js';

/** How a service hosts a flow. */
interface FlowHosting {
  /** Whether the service also serves the list of all flows. One service does. */
  readonly listsAll?: boolean;
}

/** A flow as its service hosts it, with the list of all flows of its type. */
export function hostFlow(contract: FlowContract, { listsAll = false }: FlowHosting = {}) {
  const { name, plural, messages } = contract;
  const view = flowsView(name);
  return {
    contract,
    decider: flowDecider({ name, messages: Object.keys(messages) }),
    present: presentFlow,
    views: [view],
    isFlow: true as const,
    reads: [flowList(name, plural, view), ...(listsAll ? [allFlowsList(view)] : [])],
  };
}

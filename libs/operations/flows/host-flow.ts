import type { FlowContract } from '#contracts/flow/flow.contract.js';
import { flowDecider } from '#libs/core/flow/flow.decider.js';
import type { FlowCommand } from '#libs/core/flow/flow.messages.js';
import { presentFlow } from '#libs/core/flow/flow.view.js';
import { type Rejection, reject } from '#libs/core/rejection.js';
import { flowNeeds } from './flow-needs.js';
import { flowsView } from './flows.projection.js';
import { allFlowsList, flowList } from './flows.queries.js';
import { spreadFilesController } from './spread-files.controller.js';
import { spreadFilesDocument } from './spread-files.openapi.js';

/** Commands whose data the author of a flow or of its senders writes, apart from messages. */
const WRITTEN = ['Start', 'StartChild', 'StartFor', 'Cancel', 'RecordProgress', 'Complete'];

/** How a service hosts a flow. */
interface FlowHosting {
  /** Whether the service also serves the list of all flows. One service does. */
  readonly listsAll?: boolean;
  /** Whether its progress is that of a spread, whose outcomes can then be downloaded. */
  readonly spreads?: boolean;
}

/** A flow as its service hosts it, with the list of all flows of its type. */
export function hostFlow(contract: FlowContract, { listsAll = false, spreads = false }: FlowHosting = {}) {
  const { name } = contract;
  const view = flowsView(name);
  return {
    contract,
    decider: checkedDecider(contract),
    present: presentFlow,
    views: [view],
    needs: { [name]: flowNeeds(name) },
    isFlow: true as const,
    ...(spreads && {
      routes: { controllers: [spreadFilesController(contract)], documents: [spreadFilesDocument(contract)] },
    }),
    reads: [flowList(contract, view), ...(listsAll ? [allFlowsList(view)] : [])],
  };
}

/**
 * The decider of a flow, which also rejects data that the contract does not allow, and adds the
 * defaults of the contract. The API has checked what comes from outside, but not what rules and
 * other flows send: the function would have to cope with it, and could not refuse it any more.
 */
function checkedDecider(contract: FlowContract) {
  const messages = Object.keys(contract.messages);
  const decider = flowDecider({ name: contract.name, messages });
  const written = new Set([...WRITTEN, ...messages]);
  const decide: typeof decider.decide = (command, state) => {
    const parsed = written.has(command.type) ? parse(contract, command) : command;
    return 'rejected' in parsed ? parsed : decider.decide(parsed, state);
  };
  return { ...decider, decide };
}

function parse({ commands }: FlowContract, command: FlowCommand): FlowCommand | Rejection {
  const { type, data } = command;
  const result = commands[type]?.schema.safeParse(data);
  if (!result) return command;
  if (result.success) return { ...command, data: result.data } as FlowCommand;
  const [issue] = result.error.issues;
  const where = issue?.path.join('/') ?? '';
  return reject('COMMAND.MALFORMED', `the data are not those of ${type}: ${where} ${issue?.message ?? ''}`);
}

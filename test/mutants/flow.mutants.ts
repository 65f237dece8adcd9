import type { Mutant } from './mutant.js';

/** Bugs in the rules that all flows share. */
export const flowMutants: readonly Mutant[] = [
  {
    id: 'flow-of-another-execution',
    bug: 'A flow whose execution was lost continues as if nothing had happened.',
    file: 'libs/core/flow/flow.standing.ts',
    replace: "return host && host.execution !== state.execution ? 'lost' : 'open';",
    by: "return host ? 'open' : 'open';",
    spec: 'libs/core/flow/flow.spec.ts',
    test: 'a lost flow is one of another execution',
  },
  {
    id: 'flow-deaf-to-children',
    bug: 'A lost flow refuses the end of a child, and waits for it for ever once it is restarted.',
    file: 'libs/core/flow/flow.decide.ts',
    replace:
      "const refusal = standing === 'lost' ? undefined : unlessOpen(standing, state);\n  return refusal ??",
    by: 'const refusal = unlessOpen(standing, state);\n  return refusal ??',
    spec: 'libs/core/flow/flow.spec.ts',
    test: 'a lost flow still hears of the end of a child',
  },
  {
    id: 'flow-timers-restart',
    bug: 'A flow that is restarted sleeps its whole time again.',
    file: 'libs/core/flow/flow.evolve.ts',
    replace: 'const { cancelReason: _, ...kept } = state;',
    by: 'const { cancelReason: _, ...kept } = { ...state, timers: {} };',
    spec: 'libs/core/flow/flow.spec.ts',
    test: 'the timers of a flow are kept until the flow ends, by their place',
  },
  {
    id: 'flow-inbox-unbounded',
    bug: 'A flow takes any number of messages that its function does not read.',
    file: 'libs/core/flow/flow.decide.ts',
    replace: 'unread >= MAX_UNREAD || ',
    by: '',
    spec: 'libs/core/flow/flow.spec.ts',
    test: 'what a flow has not read is at most 1,000 messages: 0 of them read',
  },
  {
    id: 'flow-takes-anything',
    bug: 'The function of a flow gets messages of any shape from other entities.',
    file: 'libs/operations/flows/host-flow.ts',
    replace: 'written.has(command.type) ? parse(contract, command) : command;',
    by: 'written.has(command.type) ? command : command;',
    spec: 'libs/operations/flows/host-flow.spec.ts',
    test: 'a hosted flow accepts no Hurry that is malformed',
  },
];

import { setWorkflowOptions } from '@temporalio/workflow';
import type { Json } from '#libs/core/json.js';
import type { LeafKind } from '#libs/core/flow/spread/spread.js';
import type { NodeInput, RootInput } from '#libs/flow/protocol/spread-messages.js';
import { versioning } from './has-build.js';
import { runNode } from './spread-node.js';
import { type RootEnd, SpreadRoot } from './spread-root.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- of any leaf
type AnyLeafKind = LeafKind<any, any>;

/**
 * The workflow of the trees of a service, which its bundle exports under this name:
 * `export const spread = spreadWorkflow([CountShelf])`. It needs all kinds of leaves, because it
 * merges their values.
 */
export function spreadWorkflow(
  kinds: readonly AnyLeafKind[],
): (input: RootInput | NodeInput) => Promise<RootEnd | object> {
  const workflow = async (input: RootInput | NodeInput): Promise<RootEnd | object> => {
    const kind = kinds.find(({ name }) => name === input.tree.leaf);
    if (!kind) throw new TypeError(`the workflow \`spread\` of the bundle does not know ${input.tree.leaf}`);
    const merge = kind.merge as ((a: Json, b: Json) => Json) | undefined;
    return 'node' in input ? runNode(input, merge) : new SpreadRoot(input, merge).run();
  };
  setWorkflowOptions(versioning, workflow);
  return workflow;
}

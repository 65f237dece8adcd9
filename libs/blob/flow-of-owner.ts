import { parseStreamName } from '#libs/core/entity-id.js';

/** The flow that a workflow belongs to: its own, or that of one of its child workflows. */
export type FlowOfOwner = NonNullable<ReturnType<typeof parseStreamName>> & { readonly stream: string };

/**
 * The flow of a workflow id: `cart-default.c1` also of its children, such as
 * `cart-default.c1/rows/0`. Undefined for the owners of other blobs.
 */
export function flowOfOwner(owner: string): FlowOfOwner | undefined {
  const [stream = ''] = owner.split('/', 1);
  const parts = parseStreamName(stream);
  return parts && { ...parts, stream };
}

/**
 * Blocks the thread that runs it, from outside of the sandbox, where the SDK's own limit of a step
 * does not reach.
 */
export async function spin(): Promise<void> {
  // A class of the realm outside.
  const make = TextEncoder.constructor as (code: string) => () => void;
  make('setImmediate(() => { for (;;); })')();
}

/** Ends at once. */
export async function rest(): Promise<void> {}

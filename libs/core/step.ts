/**
 * The steps that a command passes, in order. A crash after each of them leaves a different state:
 *
 * - `received`: an activity has the command; nothing is decided;
 * - `decided`: the events exist; nothing is written;
 * - `appended`: they are in the stream; the entity does not know;
 * - `settled`: the entity knows the outcome, and may have answered;
 * - `continued`: the entity has continued as new; the new run has not loaded yet;
 * - `relayed`: the events are committed on their topic; the relay does not know;
 * - `projected`: they are committed in a view; its consumer does not know.
 */
export const STEPS = [
  'received',
  'decided',
  'appended',
  'settled',
  'continued',
  'relayed',
  'projected',
] as const;

export type Step = (typeof STEPS)[number];

/**
 * Commands of one stream that pass a step together. The list is empty if the entity as a whole
 * passes it.
 */
export interface Passing {
  readonly stream: string;
  readonly commandIds: readonly string[];
}

/**
 * A hook for tests that crash, delay or repeat a step; it is absent in production. It is awaited
 * after a step, before the next one begins, and an error that it throws fails the work there. It is
 * not called for `settled`, which happens inside the workflow.
 */
export type AtStep = (step: Step, passing: readonly Passing[]) => Promise<void>;

/** The commands of these events, by stream. */
export function passingOf(
  events: Iterable<{ readonly stream: string; readonly commandId: string }>,
): readonly Passing[] {
  const byStream = new Map<string, Set<string>>();
  for (const { stream, commandId } of events) {
    byStream.set(stream, (byStream.get(stream) ?? new Set()).add(commandId));
  }
  return [...byStream].map(([stream, commandIds]) => ({ stream, commandIds: [...commandIds] }));
}

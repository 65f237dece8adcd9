/**
 * The boundaries that a command passes on its way, in order. Behind each of them a crash leaves something else behind:
 *
 * - `received`: an activity holds the command, nothing is decided;
 * - `decided`: the events are made, nothing is written;
 * - `appended`: they stand in the stream, nobody knows;
 * - `settled`: the entity knows the outcome, and may have told it;
 * - `continued`: the entity went on in a new run, which has not looked around yet;
 * - `relayed`: the events are committed on their topic, the relay does not know;
 * - `projected`: they are committed in a view, its consumer does not know.
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

/** Commands of one stream that pass a boundary together; none are named where an entity as a whole passes it. */
export interface Passing {
  readonly stream: string;
  readonly commandIds: readonly string[];
}

/**
 * Is awaited at a boundary, before anything of the next step begins; what it throws fails the work there. A seam for tests
 * that crash, delay or repeat a step: production gives none. `settled` lies inside of the workflow, where nothing is called.
 */
export type AtStep = (step: Step, passing: readonly Passing[]) => Promise<void>;

/** The commands of events, by stream. */
export function passingOf(
  events: Iterable<{ readonly stream: string; readonly commandId: string }>,
): readonly Passing[] {
  const byStream = new Map<string, Set<string>>();
  for (const { stream, commandId } of events) {
    byStream.set(stream, (byStream.get(stream) ?? new Set()).add(commandId));
  }
  return [...byStream].map(([stream, commandIds]) => ({ stream, commandIds: [...commandIds] }));
}

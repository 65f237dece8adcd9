import { type Flow, flowKind, type FlowTypes } from '#libs/core/flow/flow.js';
import {
  leafKind,
  type SpreadOptions,
  type SpreadProgress,
  type SpreadResult,
  type SpreadSource,
} from '#libs/core/flow/spread/spread.js';

/** Items in the order of their merging, as text: `0 1 2`. */
export const Collect = leafKind<object, string>('collect', { merge: (a, b) => `${a} ${b}` });

interface SpreadingTypes extends FlowTypes {
  readonly input: {
    readonly source: SpreadSource;
    readonly options?: Omit<SpreadOptions<object, string>, 'leaf' | 'report'>;
  };
  readonly messages: Readonly<
    Record<'Pause' | 'Resume' | 'RetryFailed' | 'Finish', Readonly<Record<string, never>>>
  >;
  readonly progress: SpreadProgress;
  readonly result: SpreadResult<string>;
}

export const Spreading = flowKind<SpreadingTypes>('spreading');

/** A flow that does nothing but spread. */
export async function spreading(
  { source, options }: SpreadingTypes['input'],
  f: Flow<SpreadingTypes>,
): Promise<SpreadingTypes['result']> {
  return f.spread(source, { leaf: Collect, ...options });
}

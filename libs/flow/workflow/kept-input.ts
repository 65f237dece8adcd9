import type { RoundEnd } from '#libs/core/flow/flow-main.js';
import { inputBlobIn } from '#libs/core/flow/large-input.js';
import type { JsonObject } from '#libs/core/json.js';
import { readInput } from './flow-activities.proxy.js';

/**
 * Plays a round with the input of a flow: at once, or as soon as it is read, if it is kept as a
 * blob. Without its input, the flow fails.
 */
export function playWith(
  stream: string,
  input: JsonObject,
  play: (input: JsonObject) => Promise<RoundEnd>,
): Promise<RoundEnd> {
  const blob = inputBlobIn(input);
  if (!blob) return play(input);
  return readInput({ stream, blob }).then((read) =>
    read.status === 'read'
      ? play(read.input)
      : { status: 'failed', code: 'FLOW.INPUT_LOST', detail: read.detail },
  );
}

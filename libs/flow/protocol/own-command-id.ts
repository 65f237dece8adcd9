import { canonicalJson } from '#libs/core/canonical-json.js';
import type { JsonObject } from '#libs/core/json.js';
import { sha256 } from '#libs/core/sha256.js';

/** 64 bits. */
const DIGEST_LENGTH = 16;

/**
 * The id of a command of a flow to itself: where it stands among them, and a digest of its content.
 *
 * A replay sends the same commands again. But if a workflow task is lost after a local activity in
 * it has appended an event, its repetition may see messages that came meanwhile, and send another
 * command at the same place. That one must not be taken for a repeat of the first: if it is the end
 * of the flow, it would never be recorded.
 */
export function ownCommandId(
  place: string,
  command: { readonly type: string; readonly data: JsonObject },
): string {
  const { type, data } = command;
  return `${place}.${sha256(canonicalJson({ type, data })).slice(0, DIGEST_LENGTH)}`;
}

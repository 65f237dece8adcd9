import type { CallbackPlace } from '#libs/core/callback-place.js';
import type { CallAction } from '#libs/core/effect.js';
import type { JsonObject } from '#libs/core/json.js';
import { EffectNotDoneError, EffectRefusedError } from './entity-activities.errors.js';

/**
 * A call to an external system. `idempotencyKey` is the same for every attempt, and `stream` is
 * that of the entity or flow that calls. Throws {@link EffectRefusedError} if no retry can help;
 * its message is reported as one line of at most 500 characters. After any other error the call is
 * retried.
 */
export type Call = (data: JsonObject, idempotencyKey: string, stream: string) => Promise<JsonObject>;

/** A shorter beginning of an address holds nothing of its token that matters. */
const SHORTEST_BEGINNING = 20;

/** What calls may use. */
export interface CallDependencies {
  /** By name. */
  readonly calls?: Readonly<Record<string, Call>>;
  /** Makes a callback address, with its token. */
  readonly callbackUrl?: (of: CallbackPlace) => string;
}

/** A call that an entity or a flow makes, once. */
interface Calling {
  readonly action: CallAction;
  readonly idempotencyKey: string;
  readonly stream: string;
  /** The callback addresses that its data contain, by the texts that stand for them. */
  readonly addresses?: Readonly<Record<string, CallbackPlace>>;
}

/**
 * Makes a call once. Throws `EffectNotDoneError` if this process does not have it, or cannot make
 * its addresses.
 *
 * The addresses in its data get their tokens here, so that no token reaches a history. What comes
 * back has none either: a provider may repeat what it was given.
 */
export async function callOutside(
  { calls = {}, callbackUrl }: CallDependencies,
  { action, idempotencyKey, stream, addresses = {} }: Calling,
): Promise<JsonObject> {
  const call = calls[action.call];
  if (!call) throw new EffectNotDoneError(`this process knows no call named ${action.call}`);
  const urls = Object.entries(addresses).map(([text, of]): [string, string] => {
    if (!callbackUrl) throw new EffectNotDoneError('this process has no secret for callback addresses');
    return [text, callbackUrl(of)];
  });
  if (urls.length === 0) return call(action.data, idempotencyKey, stream);
  const hide = (text: string) => urls.reduce((rest, [name, url]) => withoutAddress(rest, url, name), text);
  const data = urls.reduce((rest, [name, url]) => rest.replaceAll(name, url), JSON.stringify(action.data));
  try {
    const result = await call(JSON.parse(data) as JsonObject, idempotencyKey, stream);
    return JSON.parse(hide(JSON.stringify(result))) as JsonObject;
  } catch (error) {
    if (error instanceof EffectRefusedError) throw new EffectRefusedError(error.code, hide(error.message));
    if (error instanceof Error) error.message = hide(error.message);
    throw error;
  }
}

/** The text with a name for an address, even if the text was cut off within it. */
function withoutAddress(text: string, url: string, name: string): string {
  const rest = text.replaceAll(url, name);
  for (let length = url.length - 1; length >= SHORTEST_BEGINNING; length -= 1) {
    if (rest.endsWith(url.slice(0, length))) return rest.slice(0, -length) + name;
  }
  return rest;
}

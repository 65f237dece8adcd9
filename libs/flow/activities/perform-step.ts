import { v5 } from 'uuid';
import type { ActionOutcome, CallbackPlace } from '#libs/core/flow/flow-host.js';
import type { CallAction, SendAction } from '#libs/core/effect.js';
import { EffectNotDoneError, EffectRefusedError } from '#libs/entity/activities/entity-activities.errors.js';
import { failureOf } from '#libs/entity/activities/failure.interceptor.js';
import type { JsonObject } from '#libs/core/json.js';
import {
  type Call,
  callOutside,
  type CommandSender,
  refusedBy,
  sendCommand,
} from '#libs/entity/activities/run-effect.js';
import { commandIdUnder } from '#libs/entity/gateway/command-id.js';
import type { StepRequest } from '#libs/flow/protocol/flow-activities.js';

// A fixed namespace. A different one would turn every retry into a new command or call.
const NAMESPACE = 'c9d1d7b6-30a3-4f5e-8f0b-7a54a8f5a6de';

/** What the steps of flows may use. */
export interface StepDependencies {
  readonly sender: CommandSender;
  readonly calls: Readonly<Record<string, Call>>;
  /** Makes a callback address, with its token. If absent, calls that contain one are not made. */
  readonly callbackUrl?: (of: CallbackPlace) => string;
}

/**
 * Tries a step of a flow once. If its outcome is not known, throws an error with its code as type,
 * by which the policy of the call decides whether there is another attempt.
 */
export async function performStep(
  dependencies: StepDependencies,
  request: StepRequest,
): Promise<ActionOutcome> {
  const { action, place, key } = request;
  try {
    const result =
      action.kind === 'call'
        ? await call(dependencies, request, action, key ?? v5(place, NAMESPACE))
        : { revision: (await send(dependencies.sender, request, action)).revision };
    return { status: 'done', result };
  } catch (error) {
    if (error instanceof EffectRefusedError) return refusedBy(error);
    throw withType(error);
  }
}

/**
 * Makes a call. The addresses in its data get their tokens here, so that no token reaches a
 * history. What comes back has none either: a provider may repeat what it was given.
 */
async function call(
  { calls, callbackUrl }: StepDependencies,
  { addresses = {}, stream }: StepRequest,
  action: CallAction,
  key: string,
): Promise<JsonObject> {
  const urls = Object.entries(addresses).map(([text, of]): [string, string] => {
    if (!callbackUrl) throw new EffectNotDoneError('this process has no secret for callback addresses');
    return [text, callbackUrl(of)];
  });
  if (urls.length === 0) return callOutside(calls, action, key, stream);
  const hide = (text: string) => urls.reduce((rest, [name, url]) => rest.replaceAll(url, name), text);
  const data = urls.reduce((rest, [name, url]) => rest.replaceAll(name, url), JSON.stringify(action.data));
  try {
    const result = await callOutside(calls, { ...action, data: JSON.parse(data) as JsonObject }, key, stream);
    return JSON.parse(hide(JSON.stringify(result))) as JsonObject;
  } catch (error) {
    if (error instanceof EffectRefusedError) throw new EffectRefusedError(error.code, hide(error.message));
    if (error instanceof Error) error.message = hide(error.message);
    throw error;
  }
}

/**
 * The key of the command is its place. The same place with other content is another command with
 * the same key, which the receiver rejects.
 */
function send(sender: CommandSender, { stream, place, ...request }: StepRequest, action: SendAction) {
  const { correlationId, onBehalfOf, traceparent } = request;
  const keyId = v5(place, NAMESPACE);
  const { type, data } = action.command;
  const commandId = commandIdUnder(keyId, type, data);
  const trace = {
    correlationId,
    ...(onBehalfOf !== undefined && { onBehalfOf }),
    ...(traceparent !== undefined && { traceparent }),
  };
  return sendCommand(sender, stream, { commandId, keyId, causationId: place, ...trace }, action);
}

function withType(error: unknown): Error {
  if (!(error instanceof Error)) return new TypeError('a call threw something that is not an error');
  const { code } = error as { code?: unknown };
  const type = typeof code === 'string' ? code : error.name;
  return failureOf(error, type);
}

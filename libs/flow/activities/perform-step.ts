import { v5 } from 'uuid';
import type { ActionOutcome } from '#libs/core/flow/flow-host.js';
import type { SendAction } from '#libs/core/effect.js';
import { type CallDependencies, callOutside } from '#libs/entity/activities/call-outside.js';
import { EffectRefusedError } from '#libs/entity/activities/entity-activities.errors.js';
import { failureOf } from '#libs/entity/activities/failure.interceptor.js';
import { type CommandSender, refusedBy, sendCommand } from '#libs/entity/activities/run-effect.js';
import { actionStart } from '#libs/entity/activities/traced-effects.js';
import { inSpan, isTracing } from '#libs/runtime/tracing/tracing.js';
import { commandIdUnder } from '#libs/entity/gateway/command-id.js';
import type { StepRequest } from '#libs/flow/protocol/flow-activities.js';

// A fixed namespace. A different one would turn every retry into a new command or call.
const NAMESPACE = 'c9d1d7b6-30a3-4f5e-8f0b-7a54a8f5a6de';

/** What the steps of flows may use. */
export interface StepDependencies extends CallDependencies {
  readonly sender: CommandSender;
}

/**
 * Tries a step of a flow once. If its outcome is not known, throws an error with its code as type,
 * by which the policy of the call decides whether there is another attempt.
 */
export function performStep(dependencies: StepDependencies, request: StepRequest): Promise<ActionOutcome> {
  if (!isTracing()) return tryStep(dependencies, request);
  return inSpan(actionStart('step', request.stream, request), (span) =>
    tryStep(dependencies, span ? { ...request, traceparent: span.traceparent } : request),
  );
}

async function tryStep(dependencies: StepDependencies, request: StepRequest): Promise<ActionOutcome> {
  const { action, place, key, stream, addresses } = request;
  const idempotencyKey = key ?? v5(place, NAMESPACE);
  try {
    const result =
      action.kind === 'call'
        ? await callOutside(dependencies, { action, idempotencyKey, stream, ...(addresses && { addresses }) })
        : { revision: (await send(dependencies.sender, request, action)).revision };
    return { status: 'done', result };
  } catch (error) {
    if (error instanceof EffectRefusedError) return refusedBy(error);
    throw withType(error);
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

import type { FastifyRequest } from 'fastify';
import { freshCommandId, keyedCommandIds } from '#libs/entity/gateway/command-id.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { JsonObject } from '#libs/core/json.js';
import { onlyForParty } from '#libs/core/party.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import { callerOf, onlyForIn } from '../http/access.js';
import type { CommandHeaders } from './command-headers.js';
import { correlationIdOf, traceparentOf } from '../http/trace-context.js';

/**
 * The envelope of a command received through REST, stamped with the time at which it was received.
 */
export function toEnvelope(
  request: FastifyRequest,
  stream: string,
  { idempotencyKey, expectedRevision }: CommandHeaders,
  type: string,
  data: JsonObject,
): CommandEnvelope {
  const caller = callerOf(request);
  const scope = { tenant: caller.tenant, caller: caller.id, entity: stream };
  const ids =
    idempotencyKey === undefined
      ? { commandId: freshCommandId() }
      : keyedCommandIds({ ...scope, key: idempotencyKey }, type, data);
  const correlationId = correlationIdOf(request.headers) ?? ids.commandId;
  const traceparent = traceparentOf(request.headers);
  return {
    ...ids,
    type,
    data,
    actor: caller.id,
    correlationId,
    causationId: ids.commandId,
    ...(traceparent !== undefined && { traceparent }),
    ...(expectedRevision !== undefined && { expectedRevision }),
    ...onlyForParty(onlyForIn(request)),
    sentAt: toTimestamp(Date.now()),
  };
}

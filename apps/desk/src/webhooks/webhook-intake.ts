import type { FastifyRequest } from 'fastify';
import { callbackContract } from '#contracts/callback/callback.contract.js';
import { Callback, callbackId, unmatchedId } from '#contracts/callback/callback.kind.js';
import { webhookId } from '#contracts/callback/callback.fields.js';
import { type CommandReply, linksOf, outcomeReply } from '#libs/api/entities/command-reply.js';
import { closingOf } from '#libs/api/http/closing.js';
import { parseJsonBytes } from '#libs/api/http/strict-json.js';
import { correlationIdOf, traceparentOf } from '#libs/api/http/trace-context.js';
import { isSignedWith, WEBHOOK_HEADERS } from '#libs/api/http/webhook-signature.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { streamName } from '#libs/core/entity-id.js';
import type { JsonObject } from '#libs/core/json.js';
import { ProblemError } from '#libs/core/problem-error.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import { keyedCommandIds } from '#libs/entity/gateway/command-id.js';
import { type EntityGateway, onlyReceipt, OutcomeUnknownError } from '#libs/entity/gateway/entity-gateway.js';
import { countWebhook } from './webhook-metrics.js';
import { webhookProblems } from '#contracts/callback/webhook.problems.js';
import type { WebhookProvider } from './webhook-providers.js';

/** Shorter than what providers wait for an answer, which is 15 s and more. */
const WAIT_MILLISECONDS = 8_000;
const TIMESTAMP = /^\d{1,12}$/;
const CHALLENGE = { headers: { 'www-authenticate': 'Webhook realm="perdure"' } };

/** A webhook whose signature was verified. */
export interface VerifiedWebhook {
  readonly id: string;
  readonly payload: JsonObject;
}

/** Who sends what a provider sends, in events. */
export function actorOf({ name }: WebhookProvider): string {
  return `provider:${name}`;
}

/**
 * Verifies a webhook as the Standard Webhooks specification says: the signature over the bytes as
 * they came, then the age. Nothing is parsed before. Throws a problem.
 */
export function verifyWebhook(provider: WebhookProvider, { headers, body }: FastifyRequest): VerifiedWebhook {
  try {
    const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
    const { maxBytes } = provider;
    if (bytes.length > maxBytes) {
      throw new ProblemError(webhookProblems.tooLarge, `a webhook of this provider has ${maxBytes} bytes`);
    }
    return { id: verifiedId(provider, headers, bytes), payload: parsePayload(bytes) };
  } catch (error) {
    countWebhook(provider.name, 'refused');
    throw error;
  }
}

function verifiedId(
  { secrets, toleranceSeconds }: WebhookProvider,
  headers: FastifyRequest['headers'],
  body: Buffer,
): string {
  const { id, timestamp, signature } = {
    id: webhookId.safeParse(headers[WEBHOOK_HEADERS.id]).data,
    timestamp: headers[WEBHOOK_HEADERS.timestamp],
    signature: headers[WEBHOOK_HEADERS.signature],
  };
  const isSigned =
    id !== undefined &&
    typeof timestamp === 'string' &&
    TIMESTAMP.test(timestamp) &&
    typeof signature === 'string' &&
    isSignedWith(secrets, { id, timestamp, body }, signature);
  if (!isSigned) {
    throw new ProblemError(webhookProblems.invalidSignature, 'a valid signature is required', CHALLENGE);
  }
  const age = Math.abs(Date.now() / 1_000 - Number(timestamp));
  if (age <= toleranceSeconds) return id;
  throw new ProblemError(webhookProblems.tooOld, `its time may differ by ${toleranceSeconds} s from ours`);
}

function parsePayload(body: Buffer): JsonObject {
  const parsed = parseJsonBytes(body);
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as JsonObject;
  throw new ProblemError(webhookProblems.notAnObject, 'a webhook is a JSON object');
}

/** The id of the callback that a webhook belongs to. */
function callbackOf({ name, key }: WebhookProvider, { id, payload }: VerifiedWebhook): string {
  let found: unknown = payload;
  for (const part of key) {
    const isParent = typeof found === 'object' && found !== null && Object.hasOwn(found, part);
    found = isParent ? (found as Record<string, unknown>)[part] : undefined;
  }
  const isKey = (typeof found === 'string' && found !== '') || typeof found === 'number';
  return isKey ? callbackId(name, String(found)) : unmatchedId(name, id);
}

/**
 * Stores a webhook in its callback, and only then answers 2xx. A repeat gets the first outcome,
 * however old it is. Throws a problem for every other outcome; the provider then tries again.
 */
export async function storeWebhook(
  gateway: EntityGateway,
  provider: WebhookProvider,
  webhook: VerifiedWebhook,
  request: FastifyRequest,
): Promise<CommandReply> {
  const id = callbackOf(provider, webhook);
  const stream = streamName(Callback.category, id, provider.tenant);
  const envelope = envelopeOf(provider, webhook, stream, request);
  const { commandId } = envelope;
  const execute = async () =>
    onlyReceipt(await gateway.execute(stream, [envelope], WAIT_MILLISECONDS, closingOf(request)));
  const receipt = await execute().catch((error: unknown) => {
    countWebhook(provider.name, 'failed');
    throw error;
  });
  if (receipt.status === 'pending') {
    countWebhook(provider.name, 'pending');
    throw new OutcomeUnknownError([commandId]);
  }
  const accepted = receipt.replayed === true ? 'repeated' : 'accepted';
  countWebhook(provider.name, receipt.status === 'accepted' ? accepted : 'rejected');
  const links = linksOf(callbackContract, id, commandId);
  const asked = { stream, id, commandId, links, creates: false, preferenceApplied: undefined };
  return outcomeReply(callbackContract, asked, receipt);
}

/** Every attempt to deliver a webhook is the same command: nothing in it is of the attempt. */
function envelopeOf(
  provider: WebhookProvider,
  { id, payload }: VerifiedWebhook,
  stream: string,
  { headers }: FastifyRequest,
): CommandEnvelope {
  const actor = actorOf(provider);
  const data = { provider: provider.name, webhookId: id, payload };
  const scope = { tenant: provider.tenant, caller: actor, entity: stream, key: id };
  const ids = keyedCommandIds(scope, 'Receive', data);
  const traceparent = traceparentOf(headers);
  return {
    ...ids,
    type: 'Receive',
    data,
    actor,
    correlationId: correlationIdOf(headers) ?? ids.commandId,
    causationId: ids.commandId,
    ...(traceparent !== undefined && { traceparent }),
    sentAt: toTimestamp(Date.now()),
  };
}

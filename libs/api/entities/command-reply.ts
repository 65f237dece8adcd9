import type { FastifyReply } from 'fastify';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems } from '#libs/core/problems.js';
import type { EntityContract, RejectionContract } from '#contracts/entity-contract.js';
import { genericRejections } from '#contracts/rejections.js';
import { isOutcomeUnknown } from '#libs/core/outcome-unknown.js';
import { OutcomeUnknownError, type Receipt } from '#libs/entity/gateway/entity-gateway.js';
import { consistencyTokenOf } from './consistency-token.js';
import { etagOf } from '../http/etag.js';

/** The addresses of an entity and a receipt. */
export interface EntityLinks {
  readonly entity: string;
  readonly receipt: string;
}

/** An HTTP response: status, headers and body. */
export interface CommandReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export function linksOf({ plural }: EntityContract, id: string, commandId: string): EntityLinks {
  const entity = `/v1/${plural}/${encodeURIComponent(id)}`;
  return { entity, receipt: `${entity}/commands/${encodeURIComponent(commandId)}` };
}

/**
 * A command that was accepted for processing, and the parts of its request that shape the reply.
 */
export interface Asked {
  readonly stream: string;
  readonly id: string;
  readonly commandId: string;
  readonly links: EntityLinks;
  readonly creates: boolean;
  readonly preferenceApplied: string | undefined;
}

/** A 202 reply: the command is durable, and its receipt will show the outcome. */
export function acceptedForLater({ id, commandId, links, preferenceApplied }: Asked): CommandReply {
  return {
    status: 202,
    headers: { location: links.receipt, ...applied(preferenceApplied) },
    body: { id, commandId, status: 'pending', links },
  };
}

/**
 * A 200 or 201 reply with the outcome of a command. If the command was not accepted, throws a
 * problem with the code of the rejection, or `OutcomeUnknownError`.
 */
export function outcomeReply(
  contract: EntityContract,
  { stream, id, creates, links, preferenceApplied }: Asked,
  receipt: Exclude<Receipt, { status: 'pending' }>,
): CommandReply {
  const { replayed, ...outcome } = receipt;
  const headers = {
    ...applied(preferenceApplied),
    ...(replayed && { 'idempotent-replayed': 'true' }),
    ...consistencyTokenOf(stream, outcome.revision),
  };
  if (isOutcomeUnknown(outcome)) throw new OutcomeUnknownError([outcome.commandId]);
  if (outcome.status !== 'accepted') throw rejection(contract, outcome, headers);
  return {
    status: creates ? 201 : 200,
    headers: { ...headers, etag: etagOf(outcome.revision), ...(creates && { location: links.entity }) },
    body: { id, ...outcome, links },
  };
}

function applied(preference: string | undefined): Record<string, string> {
  return preference === undefined ? {} : { 'preference-applied': preference };
}

function rejection(
  { rejections }: EntityContract,
  outcome: { code: string; detail: string; commandId: string; revision: number },
  headers: Record<string, string>,
): ProblemError {
  const { code, detail, commandId, revision } = outcome;
  const known: Readonly<Record<string, RejectionContract>> = {
    // The answer to a caller who may only use its own entities, if this is not one of them.
    [problems.entityNotFound.code]: problems.entityNotFound,
    ...genericRejections,
    ...rejections,
  };
  const extras = { headers, members: { commandId, revision } };
  const meaning = known[code];
  return meaning
    ? new ProblemError({ code, ...meaning }, detail, extras)
    : new ProblemError(problems.internal, detail, extras);
}

/** Sends a reply once it is known. */
export async function answer(reply: FastifyReply, answered: Promise<CommandReply>): Promise<void> {
  const { status, headers, body } = await answered;
  await reply.status(status).headers(headers).send(body);
}

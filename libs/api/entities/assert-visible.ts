import type { FastifyRequest } from 'fastify';
import type { EntityContract } from '#contracts/entity-contract.js';
import { parseStreamName } from '#libs/core/entity-id.js';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems } from '#libs/core/problems.js';
import type { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { onlyForIn } from '../http/access.js';

/** The answer about an entity that does not exist, or does not exist for the caller. */
export function entityNotFound({ name }: EntityContract, id: string): Error {
  return new ProblemError(problems.entityNotFound, `there is no ${name} ${id}`);
}

/**
 * Throws `ENTITY.NOT_FOUND` if the caller may see only what it owns, and does not own this entity.
 * Reads nothing for other callers.
 */
export async function assertVisible(
  gateway: EntityGateway,
  contract: EntityContract,
  request: FastifyRequest,
  stream: string,
): Promise<void> {
  const onlyFor = onlyForIn(request);
  if (onlyFor === undefined || (await gateway.state(stream, onlyFor))) return;
  throw entityNotFound(contract, parseStreamName(stream)?.id ?? stream);
}

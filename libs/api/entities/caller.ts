import type { FastifyRequest } from 'fastify';
import { DEFAULT_TENANT } from '#libs/core/entity-id.js';

/** The sender of a request, and its tenant. */
export interface Caller {
  readonly tenant: string;
  readonly id: string;
}

/** A placeholder for authentication. Until it is added, all requests have the same caller. */
export function callerOf(_request: FastifyRequest): Caller {
  return { tenant: DEFAULT_TENANT, id: 'anonymous' };
}

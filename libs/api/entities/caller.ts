import type { FastifyRequest } from 'fastify';
import { DEFAULT_TENANT } from '#libs/core/entity-id.js';

/** Who sends a request, for whom. */
export interface Caller {
  readonly tenant: string;
  readonly id: string;
}

/** The one place that authentication will fill: until then everyone is the same caller. */
export function callerOf(_request: FastifyRequest): Caller {
  return { tenant: DEFAULT_TENANT, id: 'anonymous' };
}

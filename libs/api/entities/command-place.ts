import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { inWords, OPERATORS } from '#contracts/access.js';
import type { PublicCommandContract } from '#contracts/entity-contract.js';
import { tenant as tenantField } from '#contracts/fields.js';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems } from '#libs/core/problems.js';
import { extentOf } from '#libs/identity/policy.js';
import { callerOf } from '../http/access.js';
import { validateQuery } from '../http/validate.js';
import { noQuery } from './page-query.js';

/** The query of a command that operators may send to another tenant. */
export const tenantQuery = z.strictObject({
  tenant: tenantField.optional().meta({ description: 'Only operators name another tenant than their own' }),
});

/** The tenant of a command's entity, and the actor of its events. */
export interface CommandPlace {
  readonly tenant: string;
  readonly actor: string;
}

/** Whether operators may send a command, and so name the tenant. */
export function isForOperators({ allow }: PublicCommandContract): boolean {
  return OPERATORS.some((grant) => allow.includes(grant));
}

/**
 * Where a command goes: to the tenant of its caller, or that which an operator names. There, the
 * actor is marked as an operator, because a user of that tenant may have the same id. Throws a
 * problem.
 */
export function commandPlace(request: FastifyRequest, command: PublicCommandContract): CommandPlace {
  const caller = callerOf(request);
  const own = { tenant: caller.tenant, actor: caller.id };
  if (!isForOperators(command)) {
    validateQuery(noQuery, request.query);
    return own;
  }
  const { tenant = own.tenant } = validateQuery(tenantQuery, request.query);
  if (tenant === own.tenant) return own;
  if (extentOf(OPERATORS, caller) !== undefined) return { tenant, actor: `operator:${caller.id}` };
  throw new ProblemError(problems.accessDenied, `another tenant is for ${inWords(OPERATORS)}`);
}

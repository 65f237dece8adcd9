import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { inWords, type Policy } from '#contracts/access.js';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems } from '#libs/core/problems.js';
import type { Authenticator } from '#libs/identity/authenticator.js';
import type { Caller } from '#libs/identity/caller.js';
import { type Extent, extentOf } from '#libs/identity/policy.js';
import type { Logger } from '#libs/runtime/logger.js';
import { sendProblem } from './problem.filter.js';
import { traceIdOf } from './trace-context.js';

/** Who may use a route. A route that serves several commands looks at the request. */
type RouteAccess = 'public' | Policy | ((request: FastifyRequest) => Policy);

/** The caller of a request, and what it may do. */
export interface Admission {
  readonly caller: Caller;
  /** `owner`: only with what the caller owns. */
  readonly extent: Extent;
}

/** Marks a route that needs no credential, such as a health check. */
export function Public(): MethodDecorator {
  return RouteConfig({ access: 'public' });
}

/** The policy of a route. Every route has this or `Public`. */
export function Allow(policy: Policy | ((request: FastifyRequest) => Policy)): MethodDecorator {
  return RouteConfig({ access: policy });
}

const admissions = new WeakMap<FastifyRequest, Admission>();

/** Who sent a request. Throws `TypeError` on a public route, which knows no caller. */
export function admissionOf(request: FastifyRequest): Admission {
  const admission = admissions.get(request);
  if (!admission) throw new TypeError(`nobody was admitted to ${request.routeOptions.url}`);
  return admission;
}

/** The caller of a request. Throws `TypeError` on a public route. */
export function callerOf(request: FastifyRequest): Caller {
  return admissionOf(request).caller;
}

/**
 * The caller of a request, if it may see and use only what it owns. Undefined if the owner does not
 * matter.
 */
export function onlyForIn(request: FastifyRequest): string | undefined {
  const { caller, extent } = admissionOf(request);
  return extent === 'owner' ? caller.id : undefined;
}

/**
 * Admits requests by the policies of their routes, before their bodies are read. Adding a route
 * without a policy throws `TypeError`, so the server does not start.
 */
export function controlAccess(fastify: FastifyInstance, authenticator: Authenticator, logger: Logger): void {
  fastify.addHook('onRoute', ({ method, url, config }) => {
    if (accessIn(config) !== undefined) return;
    throw new TypeError(`${[method].flat().join(', ')} ${url} has no policy: add @Allow or @Public`);
  });
  fastify.addHook('onRequest', async (request, reply) => {
    const access = accessIn(request.routeOptions.config);
    // Unknown addresses have no policy, and are answered as such.
    if (request.is404 || access === 'public' || access === undefined) return;
    try {
      admissions.set(request, await admit(request, access, authenticator));
    } catch (error) {
      logRefusal(error, request, logger);
      sendProblem(error, request, reply, logger);
      return reply;
    }
  });
}

async function admit(
  request: FastifyRequest,
  access: Exclude<RouteAccess, 'public'>,
  authenticator: Authenticator,
): Promise<Admission> {
  const caller = await authenticator.authenticate(request.headers);
  const policy = typeof access === 'function' ? access(request) : access;
  const extent = extentOf(policy, caller);
  if (extent === undefined) throw new ProblemError(problems.accessDenied, `this is for ${inWords(policy)}`);
  return { caller, extent };
}

/** Clients do not learn why a credential was refused; the log tells. */
function logRefusal(error: unknown, { headers, method, url }: FastifyRequest, logger: Logger): void {
  if (!(error instanceof ProblemError)) return;
  const { code, message: reason } = error;
  logger.info({ code, reason, traceId: traceIdOf(headers), method, url }, 'a request was not admitted');
}

function accessIn(config: unknown): RouteAccess | undefined {
  return (config as { readonly access?: RouteAccess } | undefined)?.access;
}

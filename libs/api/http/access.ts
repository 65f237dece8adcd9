import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { inWords, type Policy } from '#contracts/access.js';
import type { Party } from '#libs/core/party.js';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems } from '#libs/core/problems.js';
import type { Authenticator } from '#libs/identity/authenticator.js';
import type { Caller } from '#libs/identity/caller.js';
import { type Extent, extentOf } from '#libs/identity/policy.js';
import { UnauthenticatedError } from '#libs/identity/unauthenticated-error.js';
import type { Logger } from '#libs/runtime/logger.js';
import { sendProblem } from './problem.filter.js';
import type { RequestLimits } from './request-limits.js';
import { traceIdOf } from './trace-context.js';

const LIMITED = 429;

/** Who may use a route. A route that serves several commands looks at the request. */
type RouteAccess = 'public' | Policy | ((request: FastifyRequest) => Policy);

/** The caller of a request, and what it may do. */
export interface Admission {
  readonly caller: Caller;
  /** That of the route. */
  readonly policy: Policy;
  /** `owner`: only with what the caller owns. */
  readonly extent: Extent;
}

/**
 * Marks a route that needs no credential, such as a health check. `takesForms`: what an HTML form
 * sends is a body for it, too.
 */
export function Public({ takesForms = false }: FormOptions = {}): MethodDecorator {
  return RouteConfig({ access: 'public', takesForms });
}

interface FormOptions {
  readonly takesForms?: boolean;
}

/** The policy of a route. Every route has this or `Public`. */
export function Allow(
  policy: Policy | ((request: FastifyRequest) => Policy),
  { takesUpload = false, act }: AllowOptions = {},
): MethodDecorator {
  return RouteConfig({ access: policy, takesUpload, act });
}

interface AllowOptions {
  /** The body is a file, and arrives as a stream (see `takeUploads`). */
  readonly takesUpload?: boolean;
  readonly act?: ActOfRoute;
}

/**
 * Whether a request is recorded as an act of an operator, and under which verb if the
 * address does not say it. Undefined: its policy decides.
 */
type ActOfRoute = (request: FastifyRequest) => boolean | string | undefined;

/** What its route says about a request as an act of an operator. */
export function actOfRoute(request: FastifyRequest): boolean | string | undefined {
  return (request.routeOptions.config as { readonly act?: ActOfRoute }).act?.(request);
}

/**
 * Marks a route whose requests prove by a signature of their bytes who sent them. Its body is a
 * `Buffer`, and its handler has to verify the signature.
 */
export function Signed(): MethodDecorator {
  return RouteConfig({ access: 'public', takesBytes: true });
}

/** Whether the body of a request is to be left as it came. */
export function takesBytes({ routeOptions }: FastifyRequest): boolean {
  return (routeOptions.config as { readonly takesBytes?: boolean }).takesBytes === true;
}

const admissions = new WeakMap<FastifyRequest, Admission>();

/** Who sent a request; undefined on a public route, and if nobody was admitted. */
export function findAdmission(request: FastifyRequest): Admission | undefined {
  return admissions.get(request);
}

/** Who sent a request. Throws `TypeError` on a public route, which knows no caller. */
export function admissionOf(request: FastifyRequest): Admission {
  const admission = findAdmission(request);
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
export function onlyForIn(request: FastifyRequest): Party | undefined {
  const { caller, extent } = admissionOf(request);
  return extent === 'owner' ? caller : undefined;
}

/**
 * Admits requests by the policies of their routes and the limits of their callers, before their
 * bodies are read. Adding a route without a policy throws `TypeError`, so the server does not
 * start.
 */
export function controlAccess(
  fastify: FastifyInstance,
  authenticator: Authenticator,
  logger: Logger,
  limits?: RequestLimits,
): void {
  fastify.addHook('onRoute', ({ method, url, config }) => {
    if (accessIn(config) !== undefined) return;
    throw new TypeError(`${[method].flat().join(', ')} ${url} has no policy: add @Allow or @Public`);
  });
  fastify.addHook('onRequest', async (request, reply) => {
    // Unknown addresses and methods have no policy.
    const access = accessIn(request.routeOptions.config) ?? 'public';
    try {
      if (access === 'public') {
        limits?.admitUnknown(request);
        return;
      }
      const caller = await identify(request, authenticator, limits);
      limits?.admit(request, reply, caller);
      const policy = typeof access === 'function' ? access(request) : access;
      admissions.set(request, { caller, policy, extent: extentFor(caller, policy) });
    } catch (error) {
      logRefusal(error, request, logger);
      sendProblem(error, request, reply, logger);
      return reply;
    }
  });
}

/** Clients that guess credentials are stopped before the next one is checked. */
async function identify(
  request: FastifyRequest,
  authenticator: Authenticator,
  limits: RequestLimits | undefined,
): Promise<Caller> {
  limits?.assertMayTry(request);
  try {
    return await authenticator.authenticate(request.headers);
  } catch (error) {
    if (error instanceof UnauthenticatedError) {
      if (error.refusal === 'missing') limits?.admitUnknown(request);
      else limits?.countRefused(request);
    }
    throw error;
  }
}

function extentFor(caller: Caller, policy: Policy): Extent {
  const extent = extentOf(policy, caller);
  if (extent === undefined) throw new ProblemError(problems.accessDenied, `this is for ${inWords(policy)}`);
  return extent;
}

/** Clients do not learn why a credential was refused; the log tells. */
function logRefusal(error: unknown, { headers, method, routeOptions }: FastifyRequest, logger: Logger): void {
  // A flood of requests must not become a flood of log lines: limits have a metric.
  if (!(error instanceof ProblemError) || error.status === LIMITED) return;
  const { code, message: reason } = error;
  // The route rather than the address, which a stranger writes.
  const { url: route } = routeOptions;
  logger.info({ code, reason, trace: traceIdOf(headers), method, route }, 'a request was not admitted');
}

function accessIn(config: unknown): RouteAccess | undefined {
  return (config as { readonly access?: RouteAccess } | undefined)?.access;
}

import type { FastifyInstance } from 'fastify';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems } from '#libs/core/problems.js';
import { oneLine } from '#libs/core/one-line.js';

interface Route {
  readonly methods: readonly string[];
  readonly path: RegExp;
}

/** The methods that an OpenAPI document can describe. No route uses any other. */
export const METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE'];

/** The routes of a server. It distinguishes an unknown address from a wrong method. */
export class RouteTable {
  private readonly routes: Route[] = [];

  /**
   * Records every route that is added from now on. Also refuses requests that match no route before
   * their body is read.
   */
  watch(fastify: FastifyInstance): void {
    fastify.addHook('onRequest', async (request) => {
      if (request.is404) throw this.refusal(request);
    });
    fastify.addHook('onRoute', ({ method, url }) => {
      const pattern = url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:[A-Za-z]+/g, '[^/]+');
      this.routes.push({ methods: [method].flat(), path: new RegExp(`^${pattern}$`) });
    });
  }

  /**
   * The problem for a request that matches no route: 404 if its address is unknown, 405 if the
   * address does not accept its method, 501 if its method is unknown.
   */
  refusal({ method, url }: { readonly method: string; readonly url: string }): ProblemError {
    if (!METHODS.includes(method)) return notImplemented(method);
    const allowed = this.methodsOf(url);
    if (allowed.length === 0)
      return new ProblemError(problems.routeNotFound, 'there is nothing at this address');
    const headers = { allow: allowed.join(', ') };
    return new ProblemError(problems.methodNotAllowed, `${method} is not allowed here`, { headers });
  }

  /** The methods that an address accepts. Empty if the address does not exist. */
  methodsOf(url: string): readonly string[] {
    const [path = '/'] = url.split('?');
    const found = this.routes.filter((route) => route.path.test(path)).flatMap(({ methods }) => methods);
    return [...new Set(found)].sort();
  }
}

/** The problem for a method that no address accepts. */
export function notImplemented(method: string): ProblemError {
  return new ProblemError(problems.methodNotImplemented, `${oneLine(method, 40)} is not implemented`);
}

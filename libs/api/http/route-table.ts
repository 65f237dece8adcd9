import type { FastifyInstance } from 'fastify';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems } from '#libs/core/problems.js';
import { oneLine } from '#libs/core/one-line.js';

interface Route {
  readonly methods: readonly string[];
  readonly path: RegExp;
}

/** The methods that an API can describe. Any other is implemented nowhere. */
export const METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE'];

/** The routes of a server, so that a wrong method is told from a wrong address. */
export class RouteTable {
  private readonly routes: Route[] = [];

  /** Learns of every route that is added from now on, and refuses what none of them takes before its body is read. */
  watch(fastify: FastifyInstance): void {
    fastify.addHook('onRequest', async (request) => {
      if (request.is404) throw this.refusal(request);
    });
    fastify.addHook('onRoute', ({ method, url }) => {
      const pattern = url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:[A-Za-z]+/g, '[^/]+');
      this.routes.push({ methods: [method].flat(), path: new RegExp(`^${pattern}$`) });
    });
  }

  /** What is wrong with a request that no route takes: its address (404) or its method (405, or 501 for an unknown one). */
  refusal({ method, url }: { readonly method: string; readonly url: string }): ProblemError {
    if (!METHODS.includes(method)) return notImplemented(method);
    const allowed = this.methodsOf(url);
    if (allowed.length === 0)
      return new ProblemError(problems.routeNotFound, 'there is nothing at this address');
    const headers = { allow: allowed.join(', ') };
    return new ProblemError(problems.methodNotAllowed, `${method} is not taken here`, { headers });
  }

  /** The methods that an address takes; none when there is nothing. */
  methodsOf(url: string): readonly string[] {
    const [path = '/'] = url.split('?');
    const found = this.routes.filter((route) => route.path.test(path)).flatMap(({ methods }) => methods);
    return [...new Set(found)].sort();
  }
}

/** The refusal of a method that no address takes. */
export function notImplemented(method: string): ProblemError {
  return new ProblemError(problems.methodNotImplemented, `${oneLine(method, 40)} is not implemented`);
}

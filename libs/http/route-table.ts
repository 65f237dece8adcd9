import type { FastifyInstance } from 'fastify';

interface Route {
  readonly methods: readonly string[];
  readonly path: RegExp;
}

/** The routes of a server, so that a wrong method is told from a wrong address. */
export class RouteTable {
  private readonly routes: Route[] = [];

  /** Learns of every route that is added from now on. */
  watch(fastify: FastifyInstance): void {
    fastify.addHook('onRoute', ({ method, url }) => {
      const pattern = url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:[A-Za-z]+/g, '[^/]+');
      this.routes.push({ methods: [method].flat(), path: new RegExp(`^${pattern}$`) });
    });
  }

  /** The methods that an address takes; none when there is nothing. */
  methodsOf(url: string): readonly string[] {
    const [path = '/'] = url.split('?');
    const found = this.routes.filter((route) => route.path.test(path)).flatMap(({ methods }) => methods);
    return [...new Set(found)].sort();
  }
}

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import staticFiles from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ConsoleConfig } from './console.config.js';
import { type ProblemEntry, problemsPage } from './problems-page.js';

/**
 * Pages load from here only, and run no inline scripts. Swagger UI sets inline styles and uses data
 * URLs.
 */
const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'self'; object-src 'none'; frame-ancestors 'none'",
} as const;

/** The start page, `/docs`, `/docs/problems` and their assets, all served from this machine. */
export async function servePages(
  server: FastifyInstance,
  { TEMPORAL_UI_URL }: ConsoleConfig,
  openApi: () => Promise<Record<string, unknown>>,
): Promise<void> {
  const setHeaders = (reply: FastifyReply): void => void reply.headers(PAGE_HEADERS);
  const swagger = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const root = join(import.meta.dirname, 'public');
  await server.register(staticFiles, { root, prefix: '/', index: 'index.html', setHeaders });
  await server.register(staticFiles, {
    root: swagger,
    prefix: '/docs/assets/',
    decorateReply: false,
    index: false,
    allowedPath: (path) => /^\/swagger-ui(-bundle)?\.(css|js)$/.test(path),
    setHeaders,
  });
  server.get('/docs', (_, reply) => reply.sendFile('docs.html'));
  server.get('/docs/problems', async (_, reply) => {
    const { 'x-problems': problems } = await openApi();
    return sendPage(reply, problemsPage(problems as readonly ProblemEntry[]));
  });
  server.get('/temporal', (_, reply) => reply.redirect(`${TEMPORAL_UI_URL}/namespaces/default/workflows`));
}

function sendPage(reply: FastifyReply, page: string): FastifyReply {
  return reply.headers(PAGE_HEADERS).type('text/html; charset=utf-8').send(page);
}

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import staticFiles from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems } from '#libs/core/problems.js';
import { CatalogReader } from './catalog.js';
import type { ConsoleConfig } from './console.config.js';
import { type ProblemEntry, problemsPage } from './problems-page.js';
import type { Service } from './services.js';

/** Pages load from here only, and run no inline scripts. */
const POLICY =
  "default-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; object-src 'none'; frame-ancestors 'none'";
const PAGE_HEADERS = { 'content-security-policy': POLICY } as const;

/** Swagger UI sets inline styles. */
const DOCS_HEADERS = {
  'content-security-policy': POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'"),
} as const;

/** The console, as Vite has built it, and the pages that stand next to it. */
const CONSOLE = join(import.meta.dirname, '..', 'web');
const PUBLIC = join(import.meta.dirname, 'public');

/** Addresses under which there is never a page of the console. */
const NO_PAGE = /^\/(v1|assets|docs|health|local-users|temporal|console)(\/|$)/;

const setHeaders = (reply: FastifyReply, path: string): void =>
  void reply.headers(path.endsWith('docs.html') ? DOCS_HEADERS : PAGE_HEADERS);
const compress = promisify(gzip);

interface PagesOptions {
  readonly config: ConsoleConfig;
  readonly services: readonly Service[];
  readonly openApi: () => Promise<Record<string, unknown>>;
}

/** The console, `/docs`, `/docs/problems` and their assets, all served from this machine. */
export async function servePages(
  server: FastifyInstance,
  { config: { TEMPORAL_UI_URL }, services, openApi }: PagesOptions,
): Promise<void> {
  await serveConsole(server, services);
  await serveDocs(server, openApi);
  const workflows = `${TEMPORAL_UI_URL}/namespaces/default/workflows`;
  server.get('/temporal', (_, reply) => reply.redirect(workflows));
  server.get<{ Params: { id: string } }>('/temporal/:id', ({ params: { id } }, reply) =>
    reply.redirect(`${workflows}/${encodeURIComponent(id)}`),
  );
}

/** Names of assets contain a hash of their content, so they are kept for good; pages are not. */
async function serveConsole(server: FastifyInstance, services: readonly Service[]): Promise<void> {
  await server.register(staticFiles, { root: CONSOLE, serve: false, setHeaders });
  await server.register(staticFiles, {
    root: join(CONSOLE, 'assets'),
    prefix: '/assets/',
    decorateReply: false,
    index: false,
    preCompressed: true,
    immutable: true,
    maxAge: '365d',
    setHeaders,
  });
  const catalog = new CatalogReader(services);
  server.get('/console/catalog', async (request, reply) => {
    const body = JSON.stringify(await catalog.read());
    reply.type('application/json; charset=utf-8').header('vary', 'accept-encoding');
    if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return reply.send(body);
    return reply.header('content-encoding', 'gzip').send(await compress(body));
  });
  server.get('/theme.js', (_, reply) => reply.sendFile('theme.js', CONSOLE));
  server.get('/', (_, reply) => reply.sendFile('index.html', CONSOLE));
  server.get('/*', (request, reply) => {
    if (!isPage(request)) throw new ProblemError(problems.routeNotFound, 'there is nothing at this address');
    return reply.sendFile('index.html', CONSOLE);
  });
}

/** The console shows its pages, and says so where there is none. Programs get a problem instead. */
function isPage({ url, headers: { accept = '' } }: FastifyRequest): boolean {
  const [path = ''] = url.split('?', 1);
  return accept.includes('text/html') && !NO_PAGE.test(path);
}

async function serveDocs(server: FastifyInstance, openApi: PagesOptions['openApi']): Promise<void> {
  const swagger = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  await server.register(staticFiles, {
    root: swagger,
    prefix: '/docs/assets/',
    decorateReply: false,
    index: false,
    allowedPath: (path) => /^\/swagger-ui(-bundle)?\.(css|js)$/.test(path),
    setHeaders: (reply) => void reply.headers(DOCS_HEADERS),
  });
  for (const file of ['docs.css', 'docs.js', 'local-users.js', 'page.css']) {
    server.get(`/docs/${file}`, (_, reply) => reply.sendFile(file, PUBLIC));
  }
  server.get('/docs', (_, reply) => reply.sendFile('docs.html', PUBLIC));
  server.get('/docs/problems', async (_, reply) => {
    const { 'x-problems': problems } = await openApi();
    const page = problemsPage(problems as readonly ProblemEntry[]);
    return reply.headers(PAGE_HEADERS).type('text/html; charset=utf-8').send(page);
  });
}

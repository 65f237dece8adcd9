import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Overview } from '#contracts/overview.js';
import type { SearchAnswer } from '#contracts/search.js';
import { bestHits } from '#libs/api/search/best-hits.js';
import { mergedOverview } from '#libs/operations/overview/merged-overview.js';
import { askAll, type Answers, serviceSource } from './ask-all.js';
import type { Service } from './services.js';

/** Somebody waits for what they type. */
const SEARCH_MILLISECONDS = 2_500;
/** Longer than a service waits for each of its sources. */
const OVERVIEW_MILLISECONDS = 4_000;

/** Serves what only all services together know. One that is away makes an answer incomplete. */
export function serveMergedAnswers(server: FastifyInstance, services: readonly Service[]): void {
  server.get('/v1/search', (request) => search(services, request));
  server.get('/v1/overview', (request) => overview(services, request));
}

async function search(services: readonly Service[], request: FastifyRequest): Promise<SearchAnswer> {
  const found = await askAll(services, request, SEARCH_MILLISECONDS);
  const { q = '' } = request.query as Readonly<Record<string, string>>;
  const data = found.answers.flatMap(({ body }) => (body as SearchAnswer).data);
  return { data: bestHits(q, data), missing: missingIn(found) };
}

async function overview(services: readonly Service[], request: FastifyRequest): Promise<Overview> {
  const found = await askAll(services, request, OVERVIEW_MILLISECONDS);
  const away = services
    .filter(({ name }) => found.missing.some(({ source }) => source === serviceSource(name)))
    .map(({ name }) => name);
  return mergedOverview(
    found.answers.map(({ body }) => body as Overview),
    away,
    missingIn(found),
  );
}

/** The services that did not answer, and what the others could not tell. */
function missingIn({ answers, missing }: Answers): Overview['missing'] {
  const inner = answers.flatMap(({ service, body }) =>
    (body as Pick<Overview, 'missing'>).missing.map(({ source, reason }) => ({
      source: `${service}: ${source}`,
      reason,
    })),
  );
  return [...missing, ...inner];
}

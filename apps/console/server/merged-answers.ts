import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { SearchAnswer } from '#contracts/search.js';
import { bestHits } from '#libs/api/search/best-hits.js';
import { askAll, type Answers } from './ask-all.js';
import type { Service } from './services.js';

/** Somebody waits for what they type. */
const SEARCH_MILLISECONDS = 2_500;

/** Serves what only all services together know. One that is away makes an answer incomplete. */
export function serveMergedAnswers(server: FastifyInstance, services: readonly Service[]): void {
  server.get('/v1/search', (request) => search(services, request));
}

async function search(services: readonly Service[], request: FastifyRequest): Promise<SearchAnswer> {
  const found = await askAll(services, request, SEARCH_MILLISECONDS);
  const { q = '' } = request.query as Readonly<Record<string, string>>;
  const data = found.answers.flatMap(({ body }) => (body as SearchAnswer).data);
  return { data: bestHits(q, data), missing: missingIn(found) };
}

/** The services that did not answer, and what the others could not tell. */
function missingIn({ answers, missing }: Answers): SearchAnswer['missing'] {
  const inner = answers.flatMap(({ service, body }) =>
    (body as SearchAnswer).missing.map(({ source, reason }) => ({ source: `${service}: ${source}`, reason })),
  );
  return [...missing, ...inner];
}

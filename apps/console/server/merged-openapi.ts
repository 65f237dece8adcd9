import { engineAway } from '#libs/http/to-problem.js';
import { askService } from './ask-service.js';
import type { ProblemEntry } from './problems-page.js';
import type { Service } from './services.js';

type Part = Record<string, unknown>;

/** One document out of those of all services. Throws a problem while one of them does not answer. */
export async function mergedOpenApi(services: readonly Service[]): Promise<Part> {
  const documents = await Promise.all(
    services.map(async (service) => {
      const answer = await askService(service, '/openapi.json');
      if (answer?.status !== 200) throw engineAway(`${service.name} service`);
      return answer.body;
    }),
  );
  return mergeDocuments(documents);
}

/** Paths, schemas, tags and problems of all; what two of them share (a generic schema, a generic code) is there once. */
function mergeDocuments(documents: readonly Part[]): Part {
  const merge = (pick: (document: Part) => unknown): Part =>
    Object.assign({}, ...documents.map(pick)) as Part;
  const problems = documents.flatMap((document) => (document['x-problems'] ?? []) as ProblemEntry[]);
  return {
    ...documents[0],
    info: { ...(documents[0]?.['info'] as Part), title: 'Perdure' },
    tags: documents.flatMap((document) => document['tags'] as Part[]),
    paths: merge((document) => document['paths']),
    components: { schemas: merge((document) => (document['components'] as Part)['schemas']) },
    'x-problems': [...new Map(problems.map((problem) => [problem.code, problem])).values()],
  };
}

import { engineAway } from '#libs/http/to-problem.js';
import { askService } from './ask-service.js';
import type { Service } from './services.js';

type Part = Record<string, unknown>;

/** One document out of those of all services. Throws a problem while one of them does not answer. */
export async function mergedOpenApi(services: readonly Service[]): Promise<Part> {
  const documents = await Promise.all(
    services.map(async (service) => {
      const answer = await askService(service, '/openapi.json');
      if (answer?.status !== 200) throw engineAway(`the ${service.name} service`, 2);
      return answer.body;
    }),
  );
  const merge = (pick: (document: Part) => unknown): Part =>
    Object.assign({}, ...documents.map(pick)) as Part;
  return {
    ...documents[0],
    info: { ...(documents[0]?.['info'] as Part), title: 'Perdure' },
    tags: documents.flatMap((document) => document['tags'] as Part[]),
    paths: merge((document) => document['paths']),
    components: { schemas: merge((document) => (document['components'] as Part)['schemas']) },
  };
}

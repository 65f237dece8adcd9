import { mergeOpenApi } from '#libs/http/merge-openapi.js';
import { engineAway } from '#libs/http/to-problem.js';
import { askService } from './ask-service.js';
import type { Service } from './services.js';

const SUMMARY = 'Accounts, carts, inventory, and the sagas between them';

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
  const merged = mergeOpenApi(documents);
  return { ...merged, info: { ...(merged['info'] as Part), title: 'Perdure', summary: SUMMARY } };
}

import { UnavailableError } from '#libs/core/problems.js';
import { mergeAsyncApi } from '#libs/api/documents/asyncapi.js';
import { mergeOpenApi } from '#libs/api/documents/merge-openapi.js';
import type { Document } from '#libs/api/documents/openapi-schemas.js';
import { askService } from './ask-service.js';
import type { Service } from './services.js';

const SUMMARY = 'The entities, sagas and flows of all services';

/**
 * Merges the OpenAPI documents of all services. Throws a problem while one of them does not answer.
 */
export async function mergedOpenApi(services: readonly Service[]): Promise<Document> {
  const merged = mergeOpenApi(await documentsOf(services, '/openapi.json'));
  return { ...merged, info: { ...(merged['info'] as Document), title: 'Perdure', summary: SUMMARY } };
}

/** The same for their topics. */
export async function mergedAsyncApi(services: readonly Service[]): Promise<Document> {
  return mergeAsyncApi(await documentsOf(services, '/asyncapi.json'));
}

function documentsOf(services: readonly Service[], path: string): Promise<Document[]> {
  return Promise.all(
    services.map(async (service) => {
      const answer = await askService(service, path);
      if (answer?.status !== 200) throw new UnavailableError(`${service.name} service`);
      return answer.body;
    }),
  );
}

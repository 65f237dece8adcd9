import { securitySchemes } from './openapi-access.js';
import { limitHeaders, withLimitHeaders } from './openapi-limits.js';
import type { Document } from './openapi-schemas.js';

interface ProblemEntry {
  readonly code: string;
}

/**
 * Merges several documents into one with all their paths, schemas, tags and problems. Parts that
 * they share appear once. Adds the headers that tell of limits, which all answers have.
 */
export function mergeOpenApi(documents: readonly Document[]): Document {
  const merge = (pick: (document: Document) => unknown): Document =>
    Object.assign({}, ...documents.map(pick)) as Document;
  const problems = documents.flatMap((document) => (document['x-problems'] ?? []) as ProblemEntry[]);
  return {
    ...documents[0],
    tags: documents.flatMap((document) => document['tags'] as Document[]),
    paths: withLimitHeaders(mergePaths(documents)),
    components: {
      schemas: merge((document) => (document['components'] as Document)['schemas']),
      headers: limitHeaders,
      securitySchemes,
    },
    ...(problems.length > 0 && {
      'x-problems': [...new Map(problems.map((problem) => [problem.code, problem])).values()],
    }),
  };
}

/** Several documents may have operations at the same path. */
function mergePaths(documents: readonly Document[]): Record<string, Document> {
  const merged: Record<string, Document> = {};
  for (const { paths } of documents) {
    for (const [path, operations] of Object.entries(paths as Record<string, Document>)) {
      merged[path] = { ...merged[path], ...operations };
    }
  }
  return merged;
}

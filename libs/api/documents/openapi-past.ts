import type { EntityContract } from '#contracts/entity-contract.js';
import { diffQuery, whyQuery } from '../entities/past-query.js';
import { queryParameters, reply } from './openapi-parts.js';
import type { Document } from './openapi-schemas.js';

/** Describes a query for one entity that its readers may make. */
type Describe = (
  name: string,
  summary: string,
  parameters: readonly Document[],
  answers: Document,
) => Document;

/** The routes that compare and explain the states of an entity. */
export function pastPaths(get: Describe, { name }: EntityContract, base: string): Record<string, Document> {
  return {
    [`${base}/{id}/diff`]: get(
      `${name}Diff`,
      'What differs in the state between two revisions',
      queryParameters(diffQuery),
      { 200: reply('The differences', 'Difference') },
    ),
    [`${base}/{id}/why`]: get(
      `${name}Why`,
      'Why the state is as it is: the event that last changed each of its values',
      queryParameters(whyQuery),
      { 200: reply('The values and their events', 'Explanation') },
    ),
  };
}

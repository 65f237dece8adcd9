import type { EntityContract } from '#contracts/entity-contract.js';
import { diffQuery, whyQuery } from '../entities/past-query.js';
import { timelineQuery } from '../timeline/timeline-query.js';
import { queryParameters, reply } from './openapi-parts.js';
import type { Document } from './openapi-schemas.js';

/** Describes a query for one entity that its readers may make. */
type Describe = (
  name: string,
  summary: string,
  parameters: readonly Document[],
  answers: Document,
) => Document;

/** The routes that compare and explain the states of an entity, and tell its timeline. */
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
    [`/v1/timeline/${name}/{id}`]: get(
      `${name}Timeline`,
      'What is known of it on one axis of time: requests, events, runs, views, and what is to come',
      queryParameters(timelineQuery),
      { 200: reply('A page, in the order of time', 'Timeline') },
    ),
  };
}

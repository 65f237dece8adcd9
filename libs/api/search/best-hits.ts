import { MOST_HITS, type SearchHit } from '#contracts/search.js';

/**
 * The best hits, each once: first what has exactly this id, then what was changed last, then by id.
 */
export function bestHits(q: string, hits: readonly SearchHit[]): SearchHit[] {
  const unique = [...new Map(hits.map((hit) => [`${hit.kind} ${hit.link}`, hit])).values()];
  return unique.sort((one, other) => rankOf(q, one, other)).slice(0, MOST_HITS);
}

function rankOf(q: string, one: SearchHit, other: SearchHit): number {
  const exact = Number(isExact(q, other)) - Number(isExact(q, one));
  if (exact !== 0) return exact;
  const [at = '', otherAt = ''] = [one.at, other.at];
  if (at !== otherAt) return at > otherAt ? -1 : 1;
  return one.link < other.link ? -1 : 1;
}

function isExact(q: string, { id, kind }: SearchHit): boolean {
  return id === q || kind === 'command' || kind === 'webhook';
}

const STRONG = /^"(\d{1,15})"$/;
const OPAQUE = /(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g;

/** The ETag of a revision, `"17"`: strong, because a revision identifies exactly one state. */
export function etagOf(revision: number): string {
  return `"${revision}"`;
}

/**
 * The revision in an `If-Match` header. Undefined unless the header is exactly one strong ETag, so
 * also for `*`.
 */
export function revisionIn(ifMatch: string): number | undefined {
  const [, revision] = STRONG.exec(ifMatch.trim()) ?? [];
  return revision === undefined ? undefined : Number(revision);
}

/**
 * Whether the condition `If-None-Match` (one ETag, a list, or `*`) holds. RFC 9110 prescribes weak
 * comparison here.
 */
export function isNoneMatch(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return true;
  if (ifNoneMatch.trim() === '*') return false;
  return ![...ifNoneMatch.matchAll(OPAQUE)].some(([, opaque]) => opaque === etag);
}

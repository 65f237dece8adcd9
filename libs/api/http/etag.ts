const STRONG = /^"(\d{1,15})"$/;
const OPAQUE = /(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g;

/** The ETag of a revision, `"17"`: strong, because a revision identifies exactly one state. */
export function etagOf(revision: number): string {
  return `"${revision}"`;
}

/**
 * The revision in an `If-Match` with one strong ETag, or undefined for anything else, `*` included.
 */
export function revisionIn(ifMatch: string): number | undefined {
  const [, revision] = STRONG.exec(ifMatch.trim()) ?? [];
  return revision === undefined ? undefined : Number(revision);
}

/** Whether an `If-None-Match` (one ETag, a list, or `*`) matches. RFC 9110 compares weakly here. */
export function isNoneMatch(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return true;
  if (ifNoneMatch.trim() === '*') return false;
  return ![...ifNoneMatch.matchAll(OPAQUE)].some(([, opaque]) => opaque === etag);
}

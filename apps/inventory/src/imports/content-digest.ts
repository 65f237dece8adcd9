import { InvalidRequestError, problems } from '#libs/core/problems.js';

const HEADER = 'Content-Digest';
/** SHA-256 among the members of `Content-Digest` (RFC 9530), as a byte sequence (RFC 8941). */
const SHA_256 = /(?:^|,)\s*sha-256=([^,;\s]*)/;
const BYTES = /^:([A-Za-z0-9+/]{43}=):$/;

/** The SHA-256 that the sender states, in hexadecimal digits; undefined if it states none. */
export function statedDigest(header: string | readonly string[] | undefined): string | undefined {
  const [, value] = SHA_256.exec([header ?? ''].flat().join(',')) ?? [];
  if (value === undefined) return undefined;
  const [, base64] = BYTES.exec(value) ?? [];
  if (base64 === undefined) throw refused('sha-256 has to be 32 bytes in base64 between colons');
  return Buffer.from(base64, 'base64').toString('hex');
}

/** Throws a problem if a file is not the one that its sender has stated. */
export function checkDigest(stated: string | undefined, hash: string): void {
  if (stated === undefined || stated === hash) return;
  const arrived = Buffer.from(hash, 'hex').toString('base64');
  throw refused(`the body that arrived has sha-256=:${arrived}:, so nothing was kept`);
}

function refused(detail: string): Error {
  return new InvalidRequestError(problems.invalidHeader, [{ header: HEADER, detail }]);
}

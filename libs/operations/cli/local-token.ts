import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The token that a program sends: `PERDURE_TOKEN`, or else the content of `PERDURE_TOKEN_FILE`, or
 * else the token that `npm start` keeps for a local user. Undefined if there is none.
 */
export function tokenFor(localUser: string): string | undefined {
  const { PERDURE_TOKEN, PERDURE_TOKEN_FILE, PERDURE_HOME = '.perdure' } = process.env;
  if (PERDURE_TOKEN) return PERDURE_TOKEN;
  if (PERDURE_TOKEN_FILE) return contentOf(PERDURE_TOKEN_FILE);
  try {
    return contentOf(join(PERDURE_HOME, 'tokens', localUser));
  } catch {
    return undefined; // of another machine, or without access control
  }
}

const contentOf = (file: string) => readFileSync(file, 'utf8').trim();

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SECRET_BYTES = 32;
const VARIABLES = ['LINK_SECRET', 'LINK_SECRET_FILE', 'ADDRESS_BOOK_PATH'];

/**
 * The environment with which the desk service mails the users of the local issuer: their addresses,
 * and a secret that is made once. Nothing, if the environment has any of that.
 */
export function localLinks(root: string, home: string, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (VARIABLES.some((name) => environment[name] !== undefined)) return {};
  const file = join(home, 'link-secret');
  if (!existsSync(file)) {
    mkdirSync(home, { recursive: true });
    writeFileSync(file, `${randomBytes(SECRET_BYTES).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  }
  return {
    LINK_SECRET_FILE: file,
    ADDRESS_BOOK_PATH: join(root, 'dist/apps/sandbox/issuer/address-book.json'),
  };
}

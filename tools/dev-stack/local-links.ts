import { join } from 'node:path';
import { localSecret } from './local-secret.js';

const VARIABLES = ['LINK_SECRET', 'LINK_SECRET_FILE', 'ADDRESS_BOOK_PATH'];

/**
 * The environment with which the desk service mails the users of the local issuer: their addresses,
 * and a secret that is made once. Nothing, if the environment has any of that.
 */
export function localLinks(root: string, home: string, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (VARIABLES.some((name) => environment[name] !== undefined)) return {};
  return {
    LINK_SECRET_FILE: localSecret(home, 'link-secret'),
    ADDRESS_BOOK_PATH: join(root, 'dist/apps/sandbox/issuer/address-book.json'),
  };
}

import type { Mutant } from './mutant.js';

const verifier = {
  file: 'libs/api-keys/api-key-verifier.ts',
  spec: 'libs/api-keys/api-key-verifier.spec.ts',
};
const cache = { file: 'libs/api-keys/api-key-cache.ts', spec: 'libs/api-keys/api-key-cache.spec.ts' };

/** Bugs in API keys. */
export const apiKeyMutants: readonly Mutant[] = [
  {
    ...verifier,
    id: 'key-any-secret',
    bug: 'An API key is accepted with any secret.',
    replace: "if (!isCurrent && !isPrevious) return 'secret';",
    by: '',
    test: 'a key is refused because its secret is another',
  },
  {
    ...verifier,
    id: 'key-revoked',
    bug: 'A revoked API key is accepted.',
    replace: "if (key.revokedAt !== null) return 'revoked';",
    by: '',
    test: 'a key is refused because it was revoked',
  },
  {
    ...verifier,
    id: 'key-revoked-overlap',
    bug: 'A revoked API key is accepted with the secret before its last rotation.',
    replace: 'if (key.revokedAt !== null)',
    by: 'if (isCurrent && key.revokedAt !== null)',
    test: 'a key is refused because it was revoked during an overlap',
  },
  {
    ...verifier,
    id: 'key-expired',
    bug: 'An API key is accepted at the moment of its expiry.',
    replace: 'key.expiresAt <= at',
    by: 'key.expiresAt < at',
    test: 'a key is refused because it has expired',
  },
  {
    ...verifier,
    id: 'key-endless-overlap',
    bug: 'The secret before a rotation is accepted forever.',
    replace: "return isReplaced ? 'replaced' : undefined;",
    by: 'return isReplaced ? undefined : undefined;',
    test: 'a key counts with the secret before the last rotation, until the overlap ends',
  },
  {
    ...verifier,
    id: 'key-with-token',
    bug: 'A request with an API key and a token is admitted as the key.',
    file: 'libs/api-keys/api-key-authenticator.ts',
    replace: 'if (!isOnlyOne)',
    by: 'if (!isOnlyOne && key.length === 0)',
    test: 'a request is refused if it brings two credentials',
  },
  {
    ...cache,
    id: 'key-never-stale',
    bug: 'A revoked API key is accepted as long as the process runs.',
    replace: 'entry && now < entry.until',
    by: 'entry && now < Infinity',
    test: 'a key is no longer found once it does not exist',
  },
  {
    ...cache,
    id: 'key-fresh-from-answer',
    bug: 'A slow query makes a revoked API key work for longer.',
    replace: 'if (key) this.found.set(id, { key, until });',
    by: 'if (key) this.found.set(id, { key, until: this.now() + FRESH_MILLISECONDS });',
    test: 'a key counts as old from when the query was sent, however long it took',
  },
  {
    ...cache,
    id: 'key-guesses-queried',
    bug: 'Each request with an API key that does not exist is a query.',
    replace: 'else this.missing.set(id, { key, until });',
    by: '',
    test: 'a key is looked up as often if it does not exist, and found once it does',
  },
  {
    ...cache,
    id: 'key-queries-at-once',
    bug: 'Guessed API keys take all connections to PostgreSQL.',
    replace: 'if (this.isLoading) return;',
    by: '',
    test: 'many requests for many keys are few queries, one at a time',
  },
  {
    id: 'key-checksum',
    bug: 'Texts that are no API keys are looked up.',
    file: 'libs/api-keys/api-key.ts',
    replace: 'checksum !== undefined && checksum === checksumOf(body)',
    by: 'checksum !== undefined',
    spec: 'libs/api-keys/api-key.spec.ts',
    test: 'a key is refused if any one of its characters is another',
  },
];

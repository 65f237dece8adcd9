// Verifies API keys in its own process. For each line it reads, it answers with one.
import { createInterface } from 'node:readline';
import { ApiKeyParts } from '#libs/api-keys/api-key-parts.js';
import { createLogger } from '#libs/runtime/logger.js';
import { openPool } from './read-path-kit.js';

const { verifier } = new ApiKeyParts(openPool(), createLogger('api-key-process', 'stderr'));

for await (const key of createInterface({ input: process.stdin })) {
  const answer = await verifier.verify(key).then(
    ({ id }) => id,
    ({ refusal }: { readonly refusal?: string }) => `refused: ${refusal}`,
  );
  process.stdout.write(`${answer}\n`);
}

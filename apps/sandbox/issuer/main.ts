import { z } from 'zod';
import { runSandbox, sandboxConfig } from '../run-sandbox.js';
import { createIssuerSandbox } from './issuer-sandbox.js';
import { readUsers } from './local-users.js';
import { SigningKeys } from './signing-keys.js';

const config = sandboxConfig(3007, 'issuer-keys.json').extend({
  AUTH_ISSUER: z.url().default('http://127.0.0.1:3007'),
  AUTH_AUDIENCE: z.string().default('perdure'),
  ISSUER_USERS: z.string().optional(),
});

await runSandbox('issuer', config, async (given, logger) => {
  const { AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience } = given;
  const users = readUsers(given.ISSUER_USERS ?? new URL('users.json', import.meta.url));
  const keys = await SigningKeys.open(given.SANDBOX_FILE);
  const server = createIssuerSandbox({ issuer, audience, keys, users }, logger);
  await server.listen({ port: given.PORT, host: given.HOST });
  return [server];
});

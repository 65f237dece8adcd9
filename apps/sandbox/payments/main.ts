import { z } from 'zod';
import { ConfigError } from '#libs/api/http/read-config.js';
import { secretBytes } from '#libs/api/http/webhook-signature.js';
import { runSandbox, sandboxConfig } from '../run-sandbox.js';
import { createPaymentSandbox } from './payment-sandbox.js';

const config = sandboxConfig(3008, 'payments.jsonl').extend({
  /** Where the states of payments are sent that name no address, and the secret that signs them. */
  WEBHOOK_URL: z.url().optional(),
  WEBHOOK_SECRET: z.string().optional(),
});

await runSandbox('payment-sandbox', config, async ({ WEBHOOK_URL: url, WEBHOOK_SECRET, ...rest }, logger) => {
  const secret = WEBHOOK_SECRET === undefined ? undefined : secretBytes(WEBHOOK_SECRET);
  if (WEBHOOK_SECRET !== undefined && !secret) {
    throw new ConfigError('WEBHOOK_SECRET: is not whsec_ and 24 to 64 bytes in Base64');
  }
  const server = createPaymentSandbox(rest.SANDBOX_FILE, logger, { url, secret });
  await server.listen({ port: rest.PORT, host: rest.HOST });
  return [server];
});

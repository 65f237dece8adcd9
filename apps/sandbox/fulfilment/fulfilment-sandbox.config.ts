import { z } from 'zod';
import { portVariable } from '#libs/api/http/read-config.js';

/** The environment of the sandbox. */
export const fulfilmentSandboxConfig = z.object({
  PORT: portVariable(3009),
  HOST: z.string().default('127.0.0.1'),
  /** File with one order per line. */
  SANDBOX_FILE: z.string().default('.perdure/sandbox/orders.jsonl'),
});

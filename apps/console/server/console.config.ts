import { z } from 'zod';
import { perService } from '#contracts/services.js';
import { portVariable } from '#libs/api/http/read-config.js';

/** The environment of the front server: `ACCOUNT_URL` and the like, a URL for each service. */
export const consoleConfig = z.object({
  PORT: portVariable(3000),
  HOST: z.string().default('127.0.0.1'),
  ...perService('URL', ({ port }) => z.url().default(`http://127.0.0.1:${port}`)),
  TEMPORAL_UI_URL: z.url().default('http://127.0.0.1:8233'),
});

export type ConsoleConfig = z.output<typeof consoleConfig>;

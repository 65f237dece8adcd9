import { z } from 'zod';
import { perService } from '#contracts/services.js';
import { portVariable, trustedProxies } from '#libs/api/http/read-config.js';

/** The environment of the front server: `ACCOUNT_URL` and the like, a URL for each service. */
export const consoleConfig = z.object({
  PORT: portVariable(3000),
  HOST: z.string().default('127.0.0.1'),
  /** Proxies in front of this server, whose `X-Forwarded-For` is believed. */
  TRUSTED_PROXIES: trustedProxies,
  ...perService('URL', ({ port }) => z.url().default(`http://127.0.0.1:${port}`)),
  TEMPORAL_UI_URL: z.url().default('http://127.0.0.1:8233'),
  /** The local issuer, whose users can be chosen on the pages. Only for one machine. */
  LOCAL_ISSUER_URL: z.url().optional(),
});

export type ConsoleConfig = z.output<typeof consoleConfig>;

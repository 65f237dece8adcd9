import { z } from 'zod';
import { perService } from '#contracts/services.js';
import { portVariable } from '#libs/api/http/read-config.js';
import { transportVariables } from '#libs/api/http/transport.js';
import { tracingVariables } from '#libs/service/tracing-config.js';

/** The environment of the front server: `ACCOUNT_URL` and the like, a URL for each service. */
export const consoleConfig = z.object({
  PORT: portVariable(3000),
  HOST: z.string().default('127.0.0.1'),
  ...transportVariables,
  ...tracingVariables,
  ...perService('URL', ({ port }) => z.url().default(`http://127.0.0.1:${port}`)),
  /** Authorities of the services' certificates, if Node does not trust them anyway. */
  SERVICES_TLS_CA_PATH: z.string().optional(),
  /** Our certificate, for services that ask for one. */
  SERVICES_TLS_CERT_PATH: z.string().optional(),
  SERVICES_TLS_KEY_PATH: z.string().optional(),
  TEMPORAL_UI_URL: z.url().default('http://127.0.0.1:8233'),
  /** The local issuer, whose users can be chosen on the pages. Only for one machine. */
  LOCAL_ISSUER_URL: z.url().optional(),
});

export type ConsoleConfig = z.output<typeof consoleConfig>;

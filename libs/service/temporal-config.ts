import { loadClientConnectConfig } from '@temporalio/envconfig';
import { z } from 'zod';
import { filesNamedIn, readTlsFiles } from '#libs/api/http/pem-files.js';
import { ConfigError } from '#libs/api/http/read-config.js';
import type { TemporalAddress } from '#libs/runtime/temporal-client.js';

const FLAG = ['true', 'false', '1', '0'] as const;

/** The environment variables of the connection to Temporal, named as in all of its SDKs. */
export const temporalVariables = {
  TEMPORAL_ADDRESS: z.string().default('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().default('default'),
  /** Not needed if another variable of TLS, or the API key, is set. */
  TEMPORAL_TLS: z.enum(FLAG, 'must be true or false').optional(),
  TEMPORAL_TLS_CLIENT_CERT_PATH: z.string().optional(),
  TEMPORAL_TLS_CLIENT_KEY_PATH: z.string().optional(),
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: z.string().optional(),
  TEMPORAL_TLS_SERVER_NAME: z.string().optional(),
  TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: z
    .enum(['false', '0'], 'is not supported: certificates are always verified')
    .optional(),
  TEMPORAL_API_KEY: z.string().optional(),
};

type TemporalConfig = z.output<z.ZodObject<typeof temporalVariables>>;

/** How to connect to Temporal. Throws `ConfigError` if a file cannot be used. */
export function temporalOf(config: TemporalConfig): TemporalAddress {
  const isOff = config.TEMPORAL_TLS === 'false' || config.TEMPORAL_TLS === '0';
  if (isOff && config.TEMPORAL_API_KEY !== undefined) {
    throw new ConfigError('TEMPORAL_TLS: must be on, because the key in TEMPORAL_API_KEY is a secret');
  }
  if (!isOff) checkFiles(config);
  const names = Object.keys(temporalVariables) as (keyof TemporalConfig)[];
  const given = names.flatMap((name) => (config[name] === undefined ? [] : [[name, config[name]]]));
  // Without its file: which server is used should not depend on the home folder of a user.
  const { connectionOptions } = loadClientConnectConfig({
    disableFile: true,
    overrideEnvVars: Object.fromEntries(given) as Record<string, string>,
  });
  const { tls, apiKey } = connectionOptions;
  return {
    address: config.TEMPORAL_ADDRESS,
    namespace: config.TEMPORAL_NAMESPACE,
    ...(tls !== undefined && { tls }),
    ...(apiKey !== undefined && { apiKey }),
  };
}

/** Temporal's own reading takes any file, and leaves out half of a pair. */
function checkFiles(config: TemporalConfig): void {
  readTlsFiles(
    filesNamedIn(config, {
      ca: 'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
      cert: 'TEMPORAL_TLS_CLIENT_CERT_PATH',
      key: 'TEMPORAL_TLS_CLIENT_KEY_PATH',
    }),
  );
}

import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import type { Logger } from '#libs/runtime/logger.js';
import { answerOrigins, corsOrigins } from './cors.js';
import { trustedProxies } from './read-config.js';
import { secureAnswers } from './security-headers.js';
import { type ServerTls, serverTlsOf, tlsVariables } from './server-tls.js';

/** The environment variables of what stands between a server and its clients. */
export const transportVariables = {
  /** Proxies in front of the server, whose `X-Forwarded-For` is believed. */
  TRUSTED_PROXIES: trustedProxies,
  /** Origins whose pages may read answers. */
  CORS_ORIGINS: corsOrigins,
  ...tlsVariables,
};

type TransportConfig = z.output<z.ZodObject<typeof transportVariables>>;

/** What stands between a server and its clients. By default: proxies on this machine, and HTTP. */
export interface Transport {
  readonly proxies?: readonly string[];
  readonly origins?: readonly string[];
  readonly tls?: ServerTls | undefined;
}

/** Reads the files that the configuration names. Throws `ConfigError` if one cannot be used. */
export function transportOf(config: TransportConfig, logger: Logger): Transport {
  return { proxies: config.TRUSTED_PROXIES, origins: config.CORS_ORIGINS, tls: serverTlsOf(config, logger) };
}

/** Security headers, CORS and a certificate that is kept current. Call it before other hooks. */
export function secureTransport(fastify: FastifyInstance, { origins = [], tls }: Transport): void {
  secureAnswers(fastify);
  answerOrigins(fastify, origins);
  tls?.follow(fastify);
}

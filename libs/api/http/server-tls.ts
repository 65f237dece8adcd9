import { X509Certificate } from 'node:crypto';
import type { Server, ServerOptions } from 'node:https';
import type { FastifyInstance } from 'fastify';
import { Counter, Gauge } from 'prom-client';
import { z } from 'zod';
import { ChangeLog } from '#libs/runtime/change-log.js';
import type { Logger } from '#libs/runtime/logger.js';
import { filesNamedIn, readTlsFiles, type TlsFiles, type TlsMaterial } from './pem-files.js';
import { ConfigError } from './read-config.js';

const RELOAD_MILLISECONDS = 5_000;
const HANDSHAKE_MILLISECONDS = 10_000;
const MIN_VERSION = 'TLSv1.2';

/** The environment variables of a server that answers by HTTPS. */
export const tlsVariables = {
  TLS_CERT_PATH: z.string().optional(),
  TLS_KEY_PATH: z.string().optional(),
  /** Authorities of client certificates. If set, every client needs one. */
  TLS_CLIENT_CA_PATH: z.string().optional(),
  /** A switch of Node. It would also apply to the issuer of tokens and to all other servers. */
  NODE_TLS_REJECT_UNAUTHORIZED: z
    .string()
    .refine((value) => value !== '0', 'must not be 0: certificates are always verified')
    .optional(),
};

type TlsConfig = z.output<z.ZodObject<typeof tlsVariables>>;

const expires = new Gauge({
  name: 'perdure_tls_certificate_expires_timestamp_seconds',
  help: 'When the certificate of this server expires, in seconds since 1970',
});
const failedReloads = new Counter({
  name: 'perdure_tls_reload_failures_total',
  help: 'Attempts to read changed certificate files that failed; the server keeps its certificate',
});

/** The certificate of a server, which is read again when its files change. */
export class ServerTls {
  private current: TlsMaterial;
  private readonly changes: ChangeLog;

  constructor(
    private readonly files: TlsFiles,
    private readonly logger: Logger,
    private readonly reloadMilliseconds = RELOAD_MILLISECONDS,
  ) {
    this.changes = new ChangeLog(logger);
    this.current = readTlsFiles(files);
    showExpiry(this.current);
  }

  get options(): ServerOptions {
    const isMutual = this.current.ca !== undefined;
    return {
      ...this.current,
      minVersion: MIN_VERSION,
      handshakeTimeout: HANDSHAKE_MILLISECONDS,
      requestCert: isMutual,
      rejectUnauthorized: isMutual,
    };
  }

  /** Looks at the files every 5 s until the server is closed. */
  follow(fastify: FastifyInstance): void {
    const server = fastify.server as unknown as Server;
    const timer = setInterval(() => this.reload(server), this.reloadMilliseconds);
    timer.unref();
    fastify.addHook('onClose', async () => clearInterval(timer));
  }

  /** Connections that are open keep the certificate that they began with. */
  private reload(server: Server): void {
    try {
      const read = readTlsFiles(this.files);
      this.changes.well();
      const { ca, cert, key } = this.current;
      if (read.ca === ca && read.cert === cert && read.key === key) return;
      server.setSecureContext({ ...read, minVersion: MIN_VERSION });
      this.current = read;
      this.logger.info({ expires: showExpiry(read) }, 'the certificate was replaced');
    } catch (error) {
      // The files are written one after the other, so this may be well the next time.
      failedReloads.inc();
      this.changes.failing('the changed certificate cannot be used; the previous one stays', error);
    }
  }
}

/** The certificate that the configuration names, if any. Throws `ConfigError`. */
export function serverTlsOf(config: TlsConfig, logger: Logger): ServerTls | undefined {
  const { TLS_CERT_PATH: cert, TLS_KEY_PATH: key, TLS_CLIENT_CA_PATH: ca } = config;
  if (cert === undefined && key === undefined) {
    if (ca === undefined) return undefined;
    throw new ConfigError('TLS_CERT_PATH: is missing; TLS_CLIENT_CA_PATH is set');
  }
  const variables = { ca: 'TLS_CLIENT_CA_PATH', cert: 'TLS_CERT_PATH', key: 'TLS_KEY_PATH' } as const;
  return new ServerTls(filesNamedIn(config, variables), logger);
}

function showExpiry({ cert = '' }: TlsMaterial): string {
  const { validTo } = new X509Certificate(cert);
  expires.set(Date.parse(validTo) / 1_000);
  return validTo;
}

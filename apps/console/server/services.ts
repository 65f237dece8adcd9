import { SERVICES, variableOf } from '#contracts/services.js';
import { filesNamedIn, readTlsFiles, type TlsMaterial } from '#libs/api/http/pem-files.js';
import type { ConsoleConfig } from './console.config.js';

/** A service behind the front server. */
export interface Service {
  readonly name: string;
  readonly url: string;
  /** The paths that are forwarded to it. */
  readonly prefixes: readonly string[];
  /** For an `https` address: whom we trust, and who we are. */
  readonly tls?: TlsMaterial;
}

/** All services, each with its configured URL. Throws `ConfigError` if a file cannot be used. */
export function servicesOf(config: ConsoleConfig): readonly Service[] {
  const tls = readTlsFiles(
    filesNamedIn(config, {
      ca: 'SERVICES_TLS_CA_PATH',
      cert: 'SERVICES_TLS_CERT_PATH',
      key: 'SERVICES_TLS_KEY_PATH',
    }),
  );
  return SERVICES.map(({ name, collections, lists }) => {
    const timelines = Object.keys(collections).map((category) => `timeline/${category}`);
    const parts = [...Object.values<string>(collections), ...lists, ...timelines, `operations/${name}`];
    return { name, url: config[variableOf(name, 'URL')], prefixes: parts.map((part) => `/v1/${part}`), tls };
  });
}

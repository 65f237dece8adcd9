import { SERVICES, variableOf } from '#contracts/services.js';
import type { ConsoleConfig } from './console.config.js';

/** A service behind the front server. */
export interface Service {
  readonly name: string;
  readonly url: string;
  /** The paths that are forwarded to it. */
  readonly prefixes: readonly string[];
}

/** All services, each with its configured URL. */
export function servicesOf(config: ConsoleConfig): readonly Service[] {
  return SERVICES.map(({ name, collections, lists }) => {
    const parts = [...Object.values<string>(collections), ...lists, `operations/${name}`];
    return { name, url: config[variableOf(name, 'URL')], prefixes: parts.map((part) => `/v1/${part}`) };
  });
}

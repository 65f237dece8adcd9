import { z } from 'zod';
import { readTlsFiles } from '#libs/api/http/pem-files.js';
import { ConfigError } from '#libs/api/http/read-config.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { connectEventStore } from '#libs/event-store/eventstoredb-store.js';

/** The environment variables of the connection to the event store. */
export const eventStoreVariables = {
  EVENTSTORE_URL: z
    .string()
    .regex(/^(esdb|esdb\+discover|kurrentdb|kurrentdb\+discover):\/\//, 'must begin with esdb://')
    .default('esdb://127.0.0.1:2113?tls=false'),
};

/**
 * All that the client knows. It prints the whole address, with the password, if it finds another.
 */
const OPTIONS = [
  'tls',
  'tlsCAFile',
  'tlsVerifyCert',
  'userCertFile',
  'userKeyFile',
  'connectionName',
  'defaultDeadline',
  'discoveryInterval',
  'gossipTimeout',
  'keepAliveInterval',
  'keepAliveTimeout',
  'maxDiscoverAttempts',
  'nodePreference',
  'throwOnAppendFailure',
];

/**
 * The event store, which is connected to when it is first used. Throws `ConfigError` if the address
 * or one of the files in it cannot be used. The errors of the client would show the password.
 */
export function openEventStore({ EVENTSTORE_URL: url }: { readonly EVENTSTORE_URL: string }): EventStore {
  const options = optionsIn(url);
  if (options.get('tlsverifycert') === 'false') {
    throw new ConfigError(
      'EVENTSTORE_URL: tlsVerifyCert=false is not supported: certificates are always verified',
    );
  }
  const named = (option: string) => {
    return { variable: `EVENTSTORE_URL: ${option}`, file: options.get(option.toLowerCase()) };
  };
  if (options.get('tls') !== 'false') {
    readTlsFiles({ ca: named('tlsCAFile'), cert: named('userCertFile'), key: named('userKeyFile') });
  }
  try {
    return connectEventStore(url.replace(/^kurrentdb/, 'esdb'));
  } catch {
    throw new ConfigError('EVENTSTORE_URL: cannot be parsed; are special characters in it encoded?');
  }
}

/** The options by their names in lower case, as the client compares them. */
function optionsIn(url: string): ReadonlyMap<string, string> {
  const known = OPTIONS.map((option) => option.toLowerCase());
  const query = url.includes('?') ? url.slice(url.indexOf('?') + 1) : '';
  const options = new Map<string, string>();
  for (const part of query.split('&').filter((one) => one !== '')) {
    const [name = '', value = ''] = part.split('=');
    const option = name.trim().toLowerCase().replace(/[_-]/g, '');
    if (!known.includes(option))
      throw new ConfigError(`EVENTSTORE_URL: its options are ${OPTIONS.join(', ')}`);
    options.set(option, decodeURIComponent(value.trim()));
  }
  return options;
}

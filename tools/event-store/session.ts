import type { ClientConfig } from 'pg';
import { SESSION_SETTINGS } from './schema.js';

/**
 * Connection settings under which our session settings win over any options in the URL: the last
 * one counts.
 */
export function sessionConfig(databaseUrl: string): ClientConfig {
  const url = new URL(databaseUrl);
  const given = url.searchParams.get('options') ?? '';
  url.searchParams.set('options', `${given} ${SESSION_SETTINGS}`.trim());
  return { connectionString: url.href, application_name: 'perdure-event-store', keepAlive: true };
}

import { join } from 'node:path';
import { answersOk } from './http-health.js';
import type { StackAddresses } from './stack-addresses.js';
import type { StackSettings } from './stack-settings.js';
import type { StackServer } from './stack-server.js';

/** The embedded server that is compatible with EventStoreDB, on the stack's PostgreSQL. */
export function eventStoreServer(settings: StackSettings, addresses: StackAddresses): StackServer {
  const port = settings.ports.EVENTSTORE_PORT;
  const entry = join(settings.root, 'dist/tools/event-store/main.js');
  return {
    name: 'event-store',
    title: 'Event store',
    address: `127.0.0.1:${port}`,
    ports: [{ port, variable: 'EVENTSTORE_PORT' }],
    needs: ['postgres'],
    mayBeFound: true,
    isHealthy: () => answersOk(`http://127.0.0.1:${port}/health/live`),
    prepare: async () => ({
      file: process.execPath,
      args: ['--enable-source-maps', entry, '--port', String(port), '--database', addresses.DATABASE_URL],
    }),
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 15_000,
    readyTimeoutMs: 60_000,
  };
}

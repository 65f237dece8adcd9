import { resolve } from 'node:path';
import { AlreadyRunningError } from '#tools/dev-stack/dev-stack.errors.js';
import { freePorts } from '#tools/dev-stack/port.js';
import { postgresServer } from '#tools/dev-stack/postgres.server.js';
import { silentProgress } from '#tools/dev-stack/progress.js';
import { databaseName } from '#tools/dev-stack/stack-addresses.js';
import { lockStack } from '#tools/dev-stack/stack-lock.js';
import { stopLeftovers } from '#tools/dev-stack/stop-leftovers.js';
import { SupervisedProcess } from '#tools/dev-stack/supervised-process.js';
import type { Logger } from '#libs/runtime/logger.js';
import { EventStoreServerError } from './event-store-server.errors.js';

/**
 * A PostgreSQL with its data in a folder, which runs as long as the server and is restarted when it
 * dies.
 */
export interface OwnDatabase {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts it on a free port of the loopback address, and creates it the first time. First stops what
 * a killed server has left running. Throws `EventStoreServerError` if another server uses the
 * folder.
 */
export async function startOwnDatabase(folder: string, logger: Logger): Promise<OwnDatabase> {
  const home = resolve(folder);
  const release = lock(home);
  await stopLeftovers(home, silentProgress);
  const [port = 0] = await freePorts(1);
  const server = postgresServer({ home, ports: { POSTGRES_PORT: port } });
  const plan = await server.prepare(silentProgress.step('postgres'), new AbortController().signal);
  const postgres = new SupervisedProcess(server, plan, { home, order: 0 }, (line) => logger.warn(line));
  await postgres.start();
  return {
    url: `postgres://${databaseName}:${databaseName}@127.0.0.1:${port}/${databaseName}`,
    stop: async () => {
      await postgres.stop();
      release();
    },
  };
}

function lock(home: string): () => void {
  try {
    return lockStack(home);
  } catch (error) {
    if (!(error instanceof AlreadyRunningError)) throw error;
    throw new EventStoreServerError(
      `another event store server is using the data in ${home} (pid ${error.pid})`,
    );
  }
}

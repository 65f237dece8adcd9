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

/** A PostgreSQL that lives in a folder, for as long as the server does; it is started again when it dies. */
export interface OwnDatabase {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts it, on a free port of the loopback address; makes it at the first time. Throws `EventStoreServerError` when
 * another server works on the folder. What a killed server has left running is stopped first.
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
      `another event store server works on the data in ${home} (pid ${error.pid})`,
    );
  }
}

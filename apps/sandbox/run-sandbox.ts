import { z } from 'zod';
import { ConfigError, portVariable, readConfig } from '#libs/api/http/read-config.js';
import { stopOnSignal, type Stoppable } from '#libs/api/http/run-service.js';
import { createLogger, type Logger } from '#libs/runtime/logger.js';

/** The environment of a sandbox that keeps its data in a file of JSON lines. */
export const sandboxConfig = (port: number, file: string) =>
  z.object({
    PORT: portVariable(port),
    HOST: z.string().default('127.0.0.1'),
    SANDBOX_FILE: z.string().default(`.perdure/sandbox/${file}`),
  });

/** Runs a sandbox until the process is told to stop. `start` returns what it has started. */
export async function runSandbox<Config extends z.ZodObject>(
  name: string,
  config: Config,
  start: (config: z.output<Config>, logger: Logger) => Promise<readonly Stoppable[]>,
): Promise<void> {
  const logger = createLogger(name);
  try {
    stopOnSignal([await start(readConfig(config, process.env), logger)], logger);
  } catch (error) {
    if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
    else logger.fatal({ err: error }, 'the sandbox cannot start');
    process.exit(1);
  }
}

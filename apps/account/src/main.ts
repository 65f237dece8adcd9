import 'reflect-metadata';
import { ConfigError, readConfig } from '#libs/http/read-config.js';
import { stopOnSignal } from '#libs/http/run-service.js';
import { createLogger } from '#libs/observability/logger.js';
import { accountConfig } from './account.config.js';
import { startAccountService } from './account.service.js';

const logger = createLogger('account');

try {
  const config = readConfig(accountConfig, process.env);
  stopOnSignal(await startAccountService(config, logger), logger);
} catch (error) {
  if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
  else logger.fatal({ err: error }, 'the account service cannot start');
  process.exit(1);
}

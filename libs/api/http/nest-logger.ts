import type { LoggerService } from '@nestjs/common';
import type { Logger } from '#libs/runtime/logger.js';

/**
 * Writes Nest's messages to our log. Its informational messages, most of them about start-up, are
 * logged at debug level.
 */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...context: unknown[]): void {
    this.logger.debug(componentOf(context), String(message));
  }

  error(message: unknown, ...context: unknown[]): void {
    this.logger.error(componentOf(context), String(message));
  }

  warn(message: unknown, ...context: unknown[]): void {
    this.logger.warn(componentOf(context), String(message));
  }

  debug(message: unknown, ...context: unknown[]): void {
    this.logger.debug(componentOf(context), String(message));
  }
}

/** The part of Nest that says it comes last. Before it there may be a stack. */
function componentOf(context: readonly unknown[]) {
  const component = context.at(-1);
  return { component: typeof component === 'string' ? component : 'nest' };
}

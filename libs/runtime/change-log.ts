import { errorText } from '#libs/core/error-text.js';
import type { Logger } from './logger.js';

/**
 * Logs that something fails, and that it works again, once per change: an outage of an hour is two
 * lines.
 */
export class ChangeLog {
  /** The current failure. */
  current: string | undefined;

  constructor(private readonly logger: Logger) {}

  failing(what: string, error: unknown): void {
    const reason = error instanceof Error ? errorText(error) : undefined;
    const said = reason === undefined ? what : `${what}: ${reason}`;
    if (said === this.current) return;
    this.current = said;
    this.logger.warn({ err: error }, what);
  }

  well(): void {
    if (this.current === undefined) return;
    this.logger.info({ before: this.current }, 'works again');
    this.current = undefined;
  }
}

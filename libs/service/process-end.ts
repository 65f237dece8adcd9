import type { HealthCheck } from '#libs/api/http/health.controller.js';
import { endInOrder } from '#libs/api/http/run-service.js';

/** The exit codes of a process that ends by itself. */
export const EXIT_CODES = {
  /** One of its workers has used its restarts. */
  failed: 70,
  /** It takes more memory than it may. */
  memory: 75,
} as const;

/** Long enough for a readiness probe to notice, so that no more requests are sent here. */
const UNREADY_MILLISECONDS = 5_000;

/** The end of a process that cannot do its work any more. */
export class ProcessEnd {
  private reason: string | undefined;

  constructor(private readonly end: (code: number) => void = endInOrder) {}

  /** Turns the process unready, and ends it in an orderly way some seconds later. */
  announce(reason: string, code: number): void {
    if (this.reason !== undefined) return;
    this.reason = reason;
    setTimeout(() => this.end(code), UNREADY_MILLISECONDS).unref();
  }

  /** Whether the process goes on, for its readiness. */
  get check(): HealthCheck {
    const { reason } = this;
    return {
      name: 'process',
      check: async () => ({ ok: reason === undefined, ...(reason && { detail: reason }) }),
    };
  }
}

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

/** Whether a process takes requests, and the end of one that cannot do its work any more. */
export class ProcessEnd {
  private reason: string | undefined;
  private isDrained = false;

  constructor(private readonly end: (code: number) => void = endInOrder) {}

  /** Turns the process unready, and ends it in an orderly way some seconds later. */
  announce(reason: string, code: number): void {
    if (this.reason !== undefined) return;
    this.reason = reason;
    setTimeout(() => this.end(code), UNREADY_MILLISECONDS).unref();
  }

  /** Turns the process unready, or ready again, because an operator wants it so. */
  drain(isDrained: boolean): void {
    this.isDrained = isDrained;
  }

  /** Why it ends. */
  get failure(): string | undefined {
    return this.reason;
  }

  /** Why it is unready. */
  get unready(): string | undefined {
    return this.reason ?? (this.isDrained ? 'it is drained' : undefined);
  }

  /** Whether the process takes requests, for its readiness. */
  get check(): HealthCheck {
    const { unready: detail } = this;
    return {
      name: 'process',
      check: async () => ({ ok: detail === undefined, ...(detail !== undefined && { detail }) }),
    };
  }
}

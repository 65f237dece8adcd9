import type { HealthCheck } from '#libs/api/http/health.controller.js';
import type { Stoppable } from '#libs/api/http/run-service.js';

/** A part of a process that works by itself until it is closed. `check` tells whether it does. */
export interface RunningRole extends Stoppable {
  readonly check: HealthCheck;
}

import type { Document } from '#libs/api/documents/openapi-schemas.js';
import type { AtStep } from '#libs/core/step.js';
import type { AnyLeaf } from '#libs/flow/leaves/leaf.js';
import type { Logger } from '#libs/runtime/logger.js';
import type { ProcessLimits } from './process-limits.js';
import type { Schedule } from '#libs/schedules/schedule.js';
import type { ServiceCalls } from './service.js';
import type { ServiceConfig } from './service-config.js';
import type { WorkerSettings } from './worker-settings.js';

/** The options of an application as a service. A class, so that Nest can inject it. */
export abstract class PerdureOptions {
  /**
   * The name of the service. It is part of its consumer groups, database connections and operator
   * routes.
   */
  abstract readonly name: string;
  /** The bundle of the application's workflows, which the build creates. */
  abstract readonly workflowBundle: URL;
  /** Whether it serves the routes of API keys. */
  abstract readonly managesApiKeys?: boolean;
  /** What starts its flows at certain times. */
  abstract readonly schedules?: readonly Schedule[];
  /** External calls that effects and flows may make, by name. */
  abstract readonly calls?: ServiceCalls;
  /** What handles the items of its spreads. */
  abstract readonly leaves?: readonly AnyLeaf[];
  /** What OpenAPI says of the application's own routes. */
  abstract readonly documents?: readonly Document[];
  abstract readonly config: ServiceConfig;
  abstract readonly logger: Logger;
  /** How its workers run. Default: with the defaults of all. */
  abstract readonly workers?: readonly WorkerSettings[] | undefined;
  /** Its name and limits. Default: the name of the service, and no limits. */
  abstract readonly process?: ProcessLimits | undefined;
  /** For tests: called at each step of a command, in all roles. */
  abstract readonly atStep?: AtStep | undefined;
}

import type { AtStep } from '#libs/core/step.js';
import type { Call } from '#libs/entity/activities/run-effect.js';
import type { Logger } from '#libs/runtime/logger.js';
import type { ServiceConfig } from './service-config.js';

/** What an application is as a service. A class, so that Nest can inject it. */
export abstract class PerdureOptions {
  /** Names its consumer groups, its database connections and its routes for operators. */
  abstract readonly name: string;
  /** The bundle that the build makes of the application's workflows. */
  abstract readonly workflowBundle: URL;
  /** What the effects of its entities call outside, by name. */
  abstract readonly calls?: Readonly<Record<string, Call>>;
  abstract readonly config: ServiceConfig;
  abstract readonly logger: Logger;
  /** For tests: called at each step of a command, in all roles. */
  abstract readonly atStep?: AtStep | undefined;
}

import { z } from 'zod';

/** The parts of the work of a service. */
export const ROLES = ['api', 'entities', 'flows', 'effects', 'relay', 'projector', 'commands'] as const;

/** A part of the work of a service. A process has one or more roles. */
export type Role = (typeof ROLES)[number];

/** The roles that Temporal workers run. */
export const WORKER_ROLES = ['entities', 'flows', 'effects'] as const satisfies readonly Role[];

/** A role that Temporal workers run. */
export type WorkerRole = (typeof WORKER_ROLES)[number];

/** Short for all of `WORKER_ROLES`. */
const WORKER = 'worker';

const names = z.enum([...ROLES, WORKER], `must list some of ${[...ROLES, WORKER].join(', ')}`);

/** The schema of the variable `ROLES`. In it, `worker` is short for all of `WORKER_ROLES`. */
export const rolesVariable = z
  .string()
  .transform((text) => text.split(',').map((role) => role.trim()))
  .pipe(z.array(names).min(1))
  .transform((given): readonly Role[] => [
    ...new Set(given.flatMap((name) => (name === WORKER ? WORKER_ROLES : [name]))),
  ])
  .default([...ROLES]);

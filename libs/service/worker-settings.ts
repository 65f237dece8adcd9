import type { TaskSlots } from '#libs/runtime/worker-host.js';
import type { Role } from './role.js';

/** How the workers of some roles run. */
export interface WorkerSettings {
  readonly roles: readonly Role[];
  /** The only task queue of the service that they poll. Without it, they poll all. */
  readonly taskQueue?:
    { readonly name: string; /** For error messages. */ readonly place: string } | undefined;
  readonly slots?: TaskSlots | undefined;
  /** Workflows that they keep in memory, all together. Without it, `CACHED_ENTITIES`. */
  readonly cache?: number | undefined;
}

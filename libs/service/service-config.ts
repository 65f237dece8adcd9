import { z } from 'zod';
import { portVariable } from '#libs/api/http/read-config.js';
import { transportVariables } from '#libs/api/http/transport.js';
import { commandsVariables } from './commands-config.js';
import { OVERDUE_SECONDS } from '#libs/core/saga/saga.js';
import { authVariables } from './auth-config.js';
import { blobVariables } from './blob-config.js';
import { callbackVariables } from './callback-config.js';
import { databaseVariables } from './database-config.js';
import { eventStoreVariables } from './event-store-config.js';
import { kafkaVariables } from './kafka-config.js';
import { limitVariables } from './limit-config.js';
import { partitionsVariable } from './partitions-variable.js';
import { rolesVariable } from './role.js';
import { temporalVariables } from './temporal-config.js';
import { tracingVariables } from './tracing-config.js';

/** In seconds. Tests need such a tolerance, because they set clocks to the far future. */
const A_CENTURY = 3_155_760_000;

const workerVariables = {
  /**
   * The build of the workflows in this process, if Temporal is to tell builds apart (see
   * docs/flow-versions.md).
   */
  WORKER_BUILD_ID: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,128}$/, 'must be 1 to 128 of A–Z a–z 0–9 . _ -')
    .optional(),
  TASK_QUEUE_PARTITIONS: partitionsVariable,
  CACHED_ENTITIES: z.coerce.number().int().min(2).max(100_000).default(500),
};

/** The environment variables of every service. `port` is the default port. */
export function serviceConfig(port: number) {
  return z.object({
    ROLES: rolesVariable,
    PORT: portVariable(port),
    HOST: z.string().default('127.0.0.1'),
    ...authVariables,
    ...limitVariables,
    ...transportVariables,
    ...temporalVariables,
    ...kafkaVariables,
    ...eventStoreVariables,
    ...databaseVariables,
    ...blobVariables,
    ...workerVariables,
    /** Seconds after which an entity that is due, or owes an effect, is woken. */
    SWEEP_PATIENCE_SECONDS: z.coerce.number().int().min(1).max(86_400).default(60),
    /** Seconds without an answer after which a saga step is listed as needing an operator. */
    SAGA_OVERDUE_SECONDS: z.coerce.number().int().min(1).max(31_536_000).default(OVERDUE_SECONDS),
    /**
     * Seconds after which an entity that receives nothing, and waits for nothing, ends its workflow
     * (0: never). One that has ended does so at once.
     */
    PASSIVATE_AFTER_SECONDS: z.coerce.number().int().min(0).max(31_536_000).default(3_600),
    /** How far the time of a command may be ahead of its entity's clock. */
    CLOCK_TOLERANCE_SECONDS: z.coerce.number().int().min(0).max(A_CENTURY).default(10),
    /**
     * How long a retry of a rejected command gets the original outcome. Its key is remembered for
     * longer.
     */
    REJECTIONS_KEPT_HOURS: z.coerce.number().int().min(1).max(87_600).default(24),
    REJECTED_KEYS_KEPT_DAYS: z.coerce.number().int().min(1).max(3_650).default(30),
    /**
     * How often a sample of entities is compared with their streams (0: never), and how many
     * entities of each category are in a sample.
     */
    RECONCILE_SECONDS: z.coerce.number().int().min(0).max(86_400).default(30),
    RECONCILE_ENTITIES: z.coerce.number().int().min(1).max(10_000).default(10),
    ...commandsVariables,
    ...callbackVariables,
    ...tracingVariables,
  });
}

export type ServiceConfig = z.output<ReturnType<typeof serviceConfig>>;

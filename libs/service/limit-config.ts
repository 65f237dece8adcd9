import { z } from 'zod';
import type { AtATime, Limits } from '#libs/api/http/request-limits.js';

const MOST = 1_000_000;
const CREDENTIAL_BURST_SECONDS = 10;

const count = (byDefault: number) => z.coerce.number().int().min(1).max(MOST).default(byDefault);

/**
 * The environment variables of the limits of callers, for each process. A program that sends
 * hundreds of requests at a time, such as a load test, stays below the defaults; one that reaches
 * them asks for more than a process can do.
 */
export const limitVariables = {
  /** Requests of a caller a second, and at once after a pause. */
  LIMIT_RATE: count(2_000),
  LIMIT_BURST: count(10_000),
  /** Credentials a second from one network that are not valid. */
  LIMIT_CREDENTIALS: count(20),
  /** Requests at a time, except for waiting ones and feeds. */
  LIMIT_REQUESTS: count(500),
  LIMIT_REQUESTS_IN_ALL: count(5_000),
  /** Requests with `Prefer: wait` at a time. */
  LIMIT_WAITING: count(1_000),
  LIMIT_WAITING_IN_ALL: count(5_000),
  /** Live feeds at a time. */
  LIMIT_FEEDS: count(2_000),
  LIMIT_FEEDS_IN_ALL: count(5_000),
  /** Entities at a time to which commands from Kafka are sent, of one sender and in all. */
  LIMIT_COMMANDS: count(128),
  LIMIT_COMMANDS_IN_ALL: count(256),
};

/** The configuration of the limits of callers. */
export type LimitConfig = z.output<z.ZodObject<typeof limitVariables>>;

/** The limits that the environment sets. */
export function limitsOf(config: LimitConfig): Limits {
  return {
    rate: { perSecond: config.LIMIT_RATE, burst: config.LIMIT_BURST },
    credentials: {
      perSecond: config.LIMIT_CREDENTIALS,
      burst: config.LIMIT_CREDENTIALS * CREDENTIAL_BURST_SECONDS,
    },
    atATime: {
      requests: { caller: config.LIMIT_REQUESTS, process: config.LIMIT_REQUESTS_IN_ALL },
      waiting: { caller: config.LIMIT_WAITING, process: config.LIMIT_WAITING_IN_ALL },
      feeds: { caller: config.LIMIT_FEEDS, process: config.LIMIT_FEEDS_IN_ALL },
    },
  };
}

/** How many entities are sent commands from Kafka at a time. */
export function commandsAtATime({
  LIMIT_COMMANDS: caller,
  LIMIT_COMMANDS_IN_ALL: all,
}: LimitConfig): AtATime {
  return { caller, process: all };
}

import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProblemError, type ProblemKind } from '#libs/core/problem-error.js';
import { problems } from '#libs/core/problems.js';
import type { Caller } from '#libs/identity/caller.js';
import { preferencesOf } from '../entities/command-headers.js';
import { wantsEventStream } from '../entities/event-stream.js';
import {
  type LimitOf,
  type RequestKind,
  showDroppedCaller,
  showInProgress,
  showLimitRefusal,
} from './limit-metrics.js';
import { networkOf } from './network-of.js';
import { type BucketSize, TokenBuckets } from './token-buckets.js';

/** Requests of a kind at the same time. */
export type AtATime = Readonly<Record<LimitOf, number>>;

/** The limits of a process. */
export interface Limits {
  /** Requests of a caller. */
  readonly rate: BucketSize;
  /** Credentials from one network that were not valid. */
  readonly credentials: BucketSize;
  readonly atATime: Readonly<Record<RequestKind, AtATime>>;
}

/** Callers that are remembered, a few hundred bytes each. */
const MOST_CALLERS = 10_000;
/** A bucket fills continuously, so the next second is always worth a try. */
const RETRY_AFTER_SECONDS = 1;

const KINDS_OF_PROBLEMS: Readonly<Record<RequestKind, ProblemKind>> = {
  requests: problems.limitConcurrency,
  waiting: problems.limitWaiting,
  feeds: problems.limitFeeds,
};

/**
 * Limits the requests of callers in this process, before their bodies are read: how many a second
 * (token buckets) and how many at a time. Clients that have no valid credential are known by their
 * network. Answers carry the fields of draft-ietf-httpapi-ratelimit-headers-11.
 *
 * `@fastify/rate-limit` and `rate-limiter-flexible` count in windows, which admit twice the limit
 * across a border, do not limit requests at a time, and send older fields or none.
 */
export class RequestLimits {
  private readonly requests: TokenBuckets;
  private readonly refusedCredentials: TokenBuckets;
  private readonly inProgress = new Map<string, number>();
  private readonly policy: string;

  constructor(private readonly limits: Limits) {
    const { rate, credentials, atATime } = limits;
    this.requests = new TokenBuckets(rate, MOST_CALLERS, showDroppedCaller);
    this.refusedCredentials = new TokenBuckets(credentials, MOST_CALLERS, showDroppedCaller);
    const seconds = Math.max(1, Math.ceil(rate.burst / rate.perSecond));
    const atOnce = Object.entries(atATime).map(([kind, { caller }]) => {
      return `"${kind}";q=${caller};qu="concurrent-requests"`;
    });
    this.policy = [`"rate";q=${rate.burst};w=${seconds}`, ...atOnce].join(', ');
  }

  /** Throws a problem if a client has sent too many requests without a credential. */
  admitUnknown({ ip }: FastifyRequest): void {
    this.takeFrom(`@${networkOf(ip)}`);
  }

  /** Throws a problem if too many credentials from the network of a client were not valid. */
  assertMayTry({ ip }: FastifyRequest): void {
    if (this.refusedCredentials.left(networkOf(ip)) >= 1) return;
    showLimitRefusal('credentials', 'caller');
    throw this.refusal(problems.limitCredentials, 'credentials', 'wait, then send a valid credential');
  }

  /** Counts a credential that was not valid. */
  countRefused({ ip }: FastifyRequest): void {
    this.refusedCredentials.take(networkOf(ip));
  }

  /** Admits a request of a caller until it is answered. Throws a problem if a limit is reached. */
  admit(request: FastifyRequest, reply: FastifyReply, { tenant, id }: Caller): void {
    // No tenant has a blank in its name, so no two callers share a key.
    const key = `${tenant} ${id}`;
    this.takeFrom(key);
    this.enter(kindOf(request), key, reply);
    reply.header('ratelimit-policy', this.policy);
    reply.header('ratelimit', `"rate";r=${this.requests.left(key)};t=${RETRY_AFTER_SECONDS}`);
  }

  private takeFrom(key: string): void {
    if (this.requests.take(key)) return;
    showLimitRefusal('rate', 'caller');
    const { perSecond, burst } = this.limits.rate;
    const detail = `at most ${perSecond} requests a second, or ${burst} at once after a pause`;
    throw this.refusal(problems.limitRate, 'rate', detail);
  }

  private enter(kind: RequestKind, caller: string, reply: FastifyReply): void {
    const limit = this.limits.atATime[kind];
    const counted = { caller: `${kind} ${caller}`, process: kind };
    for (const whose of ['caller', 'process'] as const) {
      if (this.countOf(counted[whose]) < limit[whose]) continue;
      showLimitRefusal(kind, whose);
      const detail =
        whose === 'caller' ? `at most ${limit.caller} for each caller` : 'this process has no more room';
      throw this.refusal(KINDS_OF_PROBLEMS[kind], kind, detail);
    }
    for (const key of Object.values(counted)) this.change(key, 1);
    showInProgress(kind, this.countOf(kind));
    reply.raw.once('close', () => {
      for (const key of Object.values(counted)) this.change(key, -1);
      showInProgress(kind, this.countOf(kind));
    });
  }

  private countOf(key: string): number {
    return this.inProgress.get(key) ?? 0;
  }

  private change(key: string, by: number): void {
    const count = this.countOf(key) + by;
    if (count > 0) this.inProgress.set(key, count);
    else this.inProgress.delete(key);
  }

  private refusal(kind: ProblemKind, policy: string, detail: string): ProblemError {
    return new ProblemError(kind, detail, {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      headers: { 'ratelimit-policy': this.policy, ratelimit: `"${policy}";r=0;t=${RETRY_AFTER_SECONDS}` },
      members: { 'violated-policies': [policy] },
    });
  }
}

function kindOf(request: FastifyRequest): RequestKind {
  if (wantsEventStream(request)) return 'feeds';
  return preferencesOf(request.headers['prefer']).waitSeconds === undefined ? 'requests' : 'waiting';
}

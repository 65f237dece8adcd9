import type { Pool } from 'pg';
import { inOrder, type Need, type Overview as Answer } from '#contracts/overview.js';
import { OPERATORS } from '#contracts/access.js';
import { type HealthChecks, readinessOf } from '#libs/api/http/health.controller.js';
import type { Caller } from '#libs/identity/caller.js';
import { extentOf } from '#libs/identity/policy.js';
import type { Logger } from '#libs/runtime/logger.js';
import { withinOrFail } from '#libs/runtime/within.js';
import type { RelayOperations } from '../relays/relay-operations.js';
import type { RelayStanding } from '../relays/relay-standing.js';
import type { ViewOperations } from '../views/view-operations.js';
import type { ProcessRegistry } from '../workers/process-registry.js';
import type { ListedProcess } from '../workers/workers.schemas.js';
import type { NeedScope, NeedSource, NeedSources } from './need-source.js';
import { processNeeds } from './process-needs.js';
import { relayNeeds } from './relay-needs.js';
import { serverNeeds } from './server-needs.js';
import { lagNeeds, parkedNeeds } from './view-needs.js';

const PATIENCE_MILLISECONDS = 3_000;
const LATE = new Error('took too long');
const STARTED_AT = new Date(Date.now() - process.uptime() * 1_000).toISOString();

/** What a service knows its overview from. */
export interface OverviewDependencies {
  readonly service: string;
  readonly version: string;
  readonly pool: Pool;
  /** The keys of its views. */
  readonly views: readonly string[];
  readonly viewOperations: Pick<ViewOperations, 'list'>;
  readonly relays: Pick<RelayOperations, 'list'>;
  readonly registry: Pick<ProcessRegistry, 'list'>;
  readonly checks: HealthChecks;
  /** Of its entities, by name. */
  readonly needs: NeedSources;
  readonly logger: Logger;
}

/** What one answer is put together from. */
interface Parts {
  processes: readonly ListedProcess[];
  relays: readonly RelayStanding[];
  isReady: boolean;
}

/**
 * Tells how a service is, and what of it needs a person. A class, so that Nest can inject it.
 */
export class Overview {
  constructor(private readonly dependencies: OverviewDependencies) {}

  /** What one source cannot tell is named in `missing`, and breaks nothing. */
  async find(caller: Caller): Promise<Answer> {
    const { pool, service, version } = this.dependencies;
    const isOfAllTenants = extentOf(OPERATORS, caller) === 'full';
    const scope: NeedScope = { pool, service, own: caller.tenant, isOfAllTenants };
    const missing: Answer['missing'] = [];
    const parts: Parts = { processes: [], relays: [], isReady: true };
    const answers = await Promise.all(
      Object.entries(this.sources(parts)).map(([name, source]) => this.ask(name, source, scope, missing)),
    );
    const { processes, relays, isReady } = parts;
    return {
      at: new Date().toISOString(),
      needs: inOrder(answers.flat()),
      rates: ratesOf(processes, relays),
      latencies: latenciesOf(processes),
      services: [{ name: service, version, isReady, startedAt: STARTED_AT }],
      missing,
    };
  }

  /** Some also tell parts of the answer. */
  private sources(parts: Parts): NeedSources {
    const { service, views, viewOperations, relays, registry, checks, needs } = this.dependencies;
    return {
      ...needs,
      parked: (scope) => parkedNeeds(scope, views),
      views: async (scope) => lagNeeds(scope, await viewOperations.list()),
      relays: async (scope) => relayNeeds(scope, (parts.relays = await relays.list())),
      processes: async (scope) => {
        const all = await registry.list();
        parts.processes = all.filter((one) => one.service === service);
        return processNeeds(scope, parts.processes);
      },
      servers: async (scope) => {
        const readiness = await readinessOf(checks);
        parts.isReady = readiness.isReady;
        return serverNeeds(scope, readiness);
      },
    };
  }

  private async ask(
    name: string,
    source: NeedSource,
    scope: NeedScope,
    missing: Answer['missing'],
  ): Promise<readonly Need[]> {
    try {
      return await withinOrFail(source(scope), PATIENCE_MILLISECONDS, LATE);
    } catch (error) {
      this.dependencies.logger.warn({ err: error, detail: name }, 'a part of the overview is missing');
      missing.push({ source: name, reason: 'does not answer' });
      return [];
    }
  }
}

function ratesOf(processes: readonly ListedProcess[], relays: readonly RelayStanding[]): Answer['rates'] {
  const running = processes.filter(({ state }) => state === 'running' || state === 'ending');
  return {
    ...(running.length > 0 && { commandsPerSecond: sumOf(running.map((one) => one.decidedPerSecond)) }),
    ...(relays.length > 0 && { eventsPerSecond: sumOf(relays.map((one) => one.eventsPerSecond)) }),
  };
}

/** Of several processes, the slowest counts. */
function latenciesOf(processes: readonly ListedProcess[]): Answer['latencies'] {
  const known = processes.flatMap(({ state, commandTimes }) => {
    return state === 'running' && commandTimes ? [commandTimes] : [];
  });
  if (known.length === 0) return {};
  const most = (of: 'p50' | 'p95' | 'p99') => Math.max(...known.map((times) => times[of]));
  return { commandMilliseconds: { p50: most('p50'), p95: most('p95'), p99: most('p99') } };
}

function sumOf(numbers: readonly (number | undefined)[]): number {
  const sum = numbers.reduce<number>((total, number = 0) => total + number, 0);
  return Math.round(sum * 100) / 100;
}

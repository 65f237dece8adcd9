import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { withinOrFail } from '#libs/runtime/within.js';
import { Public } from './access.js';

/** Checks one dependency of the service, within a second or two. */
export interface HealthCheck {
  readonly name: string;
  /**
   * False if the process works without this dependency: the check is reported, but does not affect
   * readiness.
   */
  readonly isNeeded?: boolean;
  check(): Promise<{ readonly ok: boolean; readonly detail?: unknown }>;
}

/** The checks of a process. A class, so that Nest can inject it. */
export abstract class HealthChecks {
  abstract all(): readonly HealthCheck[];
}

const PATIENCE_MILLISECONDS = 2_000;

/**
 * `/health/live` shows that the process answers. `/health/ready` lists every check by name and
 * succeeds if all needed ones do.
 */
@Controller('health')
export class HealthController {
  constructor(private readonly checks: HealthChecks) {}

  @Public()
  @Get('live')
  live() {
    return { status: 'ok' };
  }

  @Public()
  @Get('ready')
  async ready(@Res({ passthrough: true }) reply: FastifyReply) {
    const { isReady, components } = await readinessOf(this.checks);
    reply.status(isReady ? 200 : 503);
    if (!isReady) reply.header('retry-after', '2');
    return { status: isReady ? 'ok' : 'unavailable', components };
  }
}

/** Whether a process can do its work, and each of its dependencies by name. */
export interface Readiness {
  readonly isReady: boolean;
  readonly components: Readonly<Record<string, Component>>;
}

/** Runs all checks of a process, each within a bounded time. */
export async function readinessOf(checks: HealthChecks): Promise<Readiness> {
  const results = await Promise.all(checks.all().map(async (check) => [check.name, await bounded(check)]));
  const components = Object.fromEntries(results) as Record<string, Component>;
  const isReady = Object.values(components).every((one) => one.status === 'up' || one.isNeeded === false);
  return { isReady, components };
}

interface Component {
  readonly status: 'up' | 'down';
  readonly isNeeded?: false;
  readonly detail?: unknown;
}

async function bounded(check: HealthCheck): Promise<Component> {
  const answer = withinOrFail(check.check(), PATIENCE_MILLISECONDS, new Error('no answer'));
  const { ok, detail } = await answer.catch((error: unknown) => ({
    ok: false,
    detail: (error as Error).message,
  }));
  const needed = check.isNeeded === false && { isNeeded: false as const };
  return { status: ok ? 'up' : 'down', ...needed, ...(detail !== undefined && { detail }) };
}

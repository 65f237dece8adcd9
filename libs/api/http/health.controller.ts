import { Controller, Get, Inject, Res, type Type } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

/** Asks one thing that the service depends on; never longer than a second or two, never throwing. */
export interface HealthCheck {
  readonly name: string;
  /** False for what is told of, and which the process can do without. */
  readonly isNeeded?: boolean;
  check(): Promise<{ readonly ok: boolean; readonly detail?: unknown }>;
}

/** The token under which the checks are provided. */
export const HEALTH_CHECKS = 'health checks';

const PATIENCE_MILLISECONDS = 2_000;

/** `/health/live`: the process answers. `/health/ready`: so does, by name, all that it needs; what else there is is listed, too. */
export function createHealthController(): Type {
  @Controller('health')
  class HealthController {
    constructor(@Inject(HEALTH_CHECKS) private readonly checks: readonly HealthCheck[]) {}

    @Get('live')
    live() {
      return { status: 'ok' };
    }

    @Get('ready')
    async ready(@Res({ passthrough: true }) reply: FastifyReply) {
      const results = await Promise.all(this.checks.map(async (check) => [check.name, await bounded(check)]));
      const components = Object.fromEntries(results) as Record<string, Component>;
      const isReady = Object.values(components).every((one) => one.status === 'up' || one.isNeeded === false);
      reply.status(isReady ? 200 : 503);
      if (!isReady) reply.header('retry-after', '2');
      return { status: isReady ? 'ok' : 'unavailable', components };
    }
  }
  return HealthController;
}

interface Component {
  readonly status: 'up' | 'down';
  readonly isNeeded?: false;
  readonly detail?: unknown;
}

async function bounded(check: HealthCheck): Promise<Component> {
  const late = new Promise<{ ok: boolean; detail?: unknown }>((resolve) =>
    setTimeout(() => resolve({ ok: false, detail: 'no answer' }), PATIENCE_MILLISECONDS).unref(),
  );
  const { ok, detail } = await Promise.race([check.check(), late]).catch((error: unknown) => ({
    ok: false,
    detail: (error as Error).message,
  }));
  const needed = check.isNeeded === false && { isNeeded: false as const };
  return { status: ok ? 'up' : 'down', ...needed, ...(detail !== undefined && { detail }) };
}

import { Controller, Get, Inject, Res, type Type } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

/** Asks one thing that the service depends on; never longer than a second or two, never throwing. */
export interface HealthCheck {
  readonly name: string;
  check(): Promise<{ readonly ok: boolean; readonly detail?: unknown }>;
}

/** The token under which the checks are provided. */
export const HEALTH_CHECKS = 'health checks';

const PATIENCE_MILLISECONDS = 2_000;

/** `/health/live`: the process answers. `/health/ready`: so does, by name, all that it needs. */
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
      const components = Object.fromEntries(results) as Record<string, { status: string }>;
      const isReady = Object.values(components).every(({ status }) => status === 'up');
      reply.status(isReady ? 200 : 503);
      if (!isReady) reply.header('retry-after', '2');
      return { status: isReady ? 'ok' : 'unavailable', components };
    }
  }
  return HealthController;
}

async function bounded(check: HealthCheck): Promise<{ status: 'up' | 'down'; detail?: unknown }> {
  const late = new Promise<{ ok: boolean; detail?: unknown }>((resolve) =>
    setTimeout(() => resolve({ ok: false, detail: 'no answer' }), PATIENCE_MILLISECONDS).unref(),
  );
  const { ok, detail } = await Promise.race([check.check(), late]).catch((error: unknown) => ({
    ok: false,
    detail: (error as Error).message,
  }));
  return { status: ok ? 'up' : 'down', ...(detail !== undefined && { detail }) };
}

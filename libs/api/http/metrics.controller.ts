import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { register } from 'prom-client';
import { temporalMetrics } from '#libs/runtime/temporal-metrics.js';
import { Public } from './access.js';

/**
 * Serves `/metrics` for Prometheus: the default registry, and what Temporal's SDK measures. The
 * code that measures a metric also registers it.
 */
@Controller('metrics')
export class MetricsController {
  @Public()
  @Get()
  async metrics(@Res() reply: FastifyReply): Promise<void> {
    const [own, temporal] = await Promise.all([register.metrics(), temporalMetrics()]);
    await reply.header('content-type', register.contentType).send(`${own}${temporal}`);
  }
}

import { Controller, Get, Res, type Type } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { register } from 'prom-client';

/** `/metrics`: what this process counts, for Prometheus. Metrics are made where they are measured, on the default registry. */
export function createMetricsController(): Type {
  @Controller('metrics')
  class MetricsController {
    @Get()
    async metrics(@Res() reply: FastifyReply): Promise<void> {
      const text = await register.metrics();
      await reply.header('content-type', register.contentType).send(text);
    }
  }
  return MetricsController;
}

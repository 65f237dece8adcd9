import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { register } from 'prom-client';

/**
 * `/metrics`, for Prometheus: the default registry, where each metric is made by the code that
 * measures it.
 */
@Controller('metrics')
export class MetricsController {
  @Get()
  async metrics(@Res() reply: FastifyReply): Promise<void> {
    const text = await register.metrics();
    await reply.header('content-type', register.contentType).send(text);
  }
}

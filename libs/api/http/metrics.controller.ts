import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { register } from 'prom-client';
import { Public } from './access.js';

/**
 * Serves `/metrics` for Prometheus from the default registry. The code that measures a metric also
 * registers it.
 */
@Controller('metrics')
export class MetricsController {
  @Public()
  @Get()
  async metrics(@Res() reply: FastifyReply): Promise<void> {
    const text = await register.metrics();
    await reply.header('content-type', register.contentType).send(text);
  }
}

import type { Provider } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { traceRequests } from '#libs/api/http/trace-requests.js';
import { PerdureOptions } from './perdure-options.js';
import { startTracing, Tracing } from './tracing-config.js';

/** Starts tracing, if it is configured, before the roles and the first request. */
export const tracedRequests: Provider = {
  provide: Tracing,
  inject: [PerdureOptions, HttpAdapterHost],
  useFactory: async (
    { name, config, logger }: PerdureOptions,
    { httpAdapter }: HttpAdapterHost,
  ): Promise<Tracing> => {
    const tracing = await startTracing(name, config, logger);
    // An application context has no server.
    if (tracing.isOn && httpAdapter) traceRequests(httpAdapter.getInstance<FastifyInstance>());
    return tracing;
  },
};

import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { endEventStreamsAtClose } from '../entities/event-stream.js';
import { tellOfClosing } from './closing.js';

/**
 * Ends waiting requests and streams when the server closes. Throws if the HTTP server is not
 * Fastify.
 */
@Injectable()
export class EndingRequests {
  constructor({ httpAdapter }: HttpAdapterHost) {
    // An application context has no server.
    if (!httpAdapter) return;
    if (httpAdapter.getType() !== 'fastify') throw new TypeError('Perdure needs the FastifyAdapter of Nest');
    const fastify = httpAdapter.getInstance<FastifyInstance>();
    tellOfClosing(fastify);
    endEventStreamsAtClose(fastify);
  }
}

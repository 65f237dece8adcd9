import { Injectable, Optional } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { Authenticator } from '#libs/identity/authenticator.js';
import { controlAccess } from './access.js';
import { RequestLog } from './problem.filter.js';
import { RequestLimits } from './request-limits.js';

/** Puts access control in front of every route of the application. */
@Injectable()
export class AccessControl {
  constructor(
    { httpAdapter }: HttpAdapterHost,
    authenticator: Authenticator,
    { logger }: RequestLog,
    @Optional() limits?: RequestLimits,
  ) {
    // An application context has no server.
    if (!httpAdapter) return;
    controlAccess(httpAdapter.getInstance<FastifyInstance>(), authenticator, logger, limits);
  }
}

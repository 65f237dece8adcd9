import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { RequestLog } from '#libs/api/http/problem.filter.js';
import { OperatorActs } from './operator-acts.js';
import { recordActs } from './record-acts.js';

/** The service whose routes are recorded. A class, so that Nest can inject it. */
export abstract class RecordedService {
  abstract readonly name: string;
}

/** Records what operators do through any route of the application. */
@Injectable()
export class ActRecorder {
  constructor(
    { httpAdapter }: HttpAdapterHost,
    acts: OperatorActs,
    { name: service }: RecordedService,
    { logger }: RequestLog,
  ) {
    // An application context has no server.
    if (httpAdapter) recordActs(httpAdapter.getInstance<FastifyInstance>(), { acts, service, logger });
  }
}

import { Controller, Get, Inject, Query, type Type } from '@nestjs/common';
import type { Client } from '@temporalio/client';
import { noQuery } from '#libs/api/entities/page-query.js';
import { validateQuery } from '#libs/api/http/validate.js';
import { relayStanding } from './relay-standing.js';

/** The token under which Temporal's client is provided. */
export const TEMPORAL_CLIENT = 'temporal client';

/**
 * `GET /v1/operations/{service}/relays`: how far each relay of the service is, how late and how
 * fast.
 */
export function createRelaysController(service: string, categories: readonly string[]): Type {
  @Controller(`v1/operations/${service}`)
  class RelaysController {
    constructor(@Inject(TEMPORAL_CLIENT) private readonly client: Client) {}

    @Get('relays')
    async relays(@Query() query: unknown) {
      validateQuery(noQuery, query);
      return { data: await Promise.all(categories.map((category) => relayStanding(this.client, category))) };
    }
  }
  return RelaysController;
}

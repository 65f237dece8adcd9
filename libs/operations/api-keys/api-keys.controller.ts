import { Controller, Get, Header, HttpCode, Param, Post, Query, Req, UseFilters } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { commandHeaders } from '#libs/api/entities/command-headers.js';
import { pageQuery } from '#libs/api/entities/page-query.js';
import { Allow, callerOf } from '#libs/api/http/access.js';
import { ProblemFilter } from '#libs/api/http/problem.filter.js';
import { bodyOf, validateQuery } from '#libs/api/http/validate.js';
import type { ApiKey } from '#libs/api-keys/api-key-store.js';
import { ApiKeys } from '#libs/api-keys/api-keys.js';
import { createBody, KEY_POLICY, revokeBody, rotateBody } from './api-keys.schemas.js';

const HOUR_SECONDS = 3_600;

/** Manages the API keys of the caller's tenant. No cache may keep an answer with a secret. */
@Controller('v1/api-keys')
@UseFilters(ProblemFilter)
export class ApiKeysController {
  constructor(private readonly keys: ApiKeys) {}

  @Allow(KEY_POLICY)
  @Post()
  @HttpCode(201)
  @Header('cache-control', 'no-store')
  async create(@Req() request: FastifyRequest) {
    const body = bodyOf(createBody, request);
    return shown(await this.keys.create(callerOf(request), body, keyIn(request)));
  }

  @Allow(KEY_POLICY)
  @Get()
  async list(@Query() query: unknown, @Req() request: FastifyRequest) {
    const { limit, cursor } = validateQuery(pageQuery, query);
    const { data, ...rest } = await this.keys.list(callerOf(request), limit, cursor);
    return { data: data.map(shown), ...rest };
  }

  @Allow(KEY_POLICY)
  @Post(':keyId/rotate')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  async rotate(@Param('keyId') id: string, @Req() request: FastifyRequest) {
    const { overlapHours, expiresAt } = bodyOf(rotateBody, request);
    const rotation = { overlapSeconds: overlapHours * HOUR_SECONDS, expiresAt };
    return shown(await this.keys.rotate(callerOf(request), id, rotation, keyIn(request)));
  }

  @Allow(KEY_POLICY)
  @Post(':keyId/revoke')
  @HttpCode(200)
  async revoke(@Param('keyId') id: string, @Req() request: FastifyRequest) {
    bodyOf(revokeBody, request);
    return shown(await this.keys.revoke(callerOf(request), id));
  }
}

function shown<Key extends ApiKey>(key: Key) {
  const isExpired = Date.parse(key.expiresAt) <= Date.now();
  const status = key.revokedAt !== undefined ? 'revoked' : isExpired ? 'expired' : 'active';
  return { ...key, status };
}

function keyIn({ headers }: FastifyRequest): string | undefined {
  return commandHeaders(headers).idempotencyKey;
}

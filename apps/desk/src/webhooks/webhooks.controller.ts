import { Controller, Param, Post, Query, Req, Res, UseFilters } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Signed } from '#libs/api/http/access.js';
import { ProblemFilter } from '#libs/api/http/problem.filter.js';
import { RequestLimits } from '#libs/api/http/request-limits.js';
import { validateQuery } from '#libs/api/http/validate.js';
import { noQuery } from '#libs/api/entities/page-query.js';
import { ProblemError } from '#libs/core/problem-error.js';
import { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { actorOf, storeWebhook, type VerifiedWebhook, verifyWebhook } from './webhook-intake.js';
import { webhookProblems } from '#contracts/callback/webhook.problems.js';
import type { WebhookProvider } from './webhook-providers.js';

/** The providers whose webhooks are taken, by name. A class, so that Nest can inject it. */
export class WebhookProviders {
  constructor(readonly byName: ReadonlyMap<string, WebhookProvider>) {}
}

/** Takes the webhooks of providers. */
@Controller('v1/callbacks')
@UseFilters(ProblemFilter)
export class WebhooksController {
  constructor(
    private readonly providers: WebhookProviders,
    private readonly gateway: EntityGateway,
    private readonly limits: RequestLimits,
  ) {}

  @Signed()
  @Post(':provider')
  async receive(
    @Param('provider') name: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ) {
    validateQuery(noQuery, query);
    const provider = this.providers.byName.get(name);
    if (!provider) throw new ProblemError(webhookProblems.unknownProvider, 'there is no such provider');
    const webhook = this.verified(provider, request);
    const { tenant } = provider;
    this.limits.admit(request, reply, { tenant, id: actorOf(provider), kind: 'service', roles: [] });
    const { status, headers, body } = await storeWebhook(this.gateway, provider, webhook, request);
    await reply.status(status).headers(headers).send(body);
  }

  /** A wrong signature counts as a credential that is not valid. */
  private verified(provider: WebhookProvider, request: FastifyRequest): VerifiedWebhook {
    this.limits.assertMayTry(request);
    try {
      return verifyWebhook(provider, request);
    } catch (error) {
      const { code } = error as Partial<ProblemError>;
      if (code === webhookProblems.invalidSignature.code) this.limits.countRefused(request);
      throw error;
    }
  }
}

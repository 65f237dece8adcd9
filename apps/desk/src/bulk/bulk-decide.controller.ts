import { Controller, HttpCode, Post, Req, UseFilters } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { approvalContract } from '#contracts/approval/approval.contract.js';
import { Allow } from '#libs/api/http/access.js';
import { ProblemFilter } from '#libs/api/http/problem.filter.js';
import { bodyOf } from '#libs/api/http/validate.js';
import { bulkBody } from './bulk-decide.schemas.js';
import { BulkDecisions } from './bulk-decisions.js';

/** Decisions on many approvals at a time. */
@Controller('v1/approvals/bulk-decide')
@UseFilters(ProblemFilter)
export class BulkDecideController {
  constructor(private readonly decisions: BulkDecisions) {}

  @Allow(approvalContract.commands.Approve.allow)
  @Post()
  @HttpCode(200)
  async decide(@Req() request: FastifyRequest) {
    const bulk = bodyOf(bulkBody, request);
    return { dryRun: bulk.dryRun, data: await this.decisions.decide(request, bulk) };
  }
}

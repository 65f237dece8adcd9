import { Controller, Get, Headers, Inject, Param, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { accountContract } from '#contracts/account/account.contract.js';
import { text } from '#contracts/fields.js';
import { isEntityId } from '#libs/decider/entity-id.js';
import { cursorParameter, limitParameter } from '#libs/http/page-query.js';
import { invalidId } from '#libs/http/request-problems.js';
import { validateQuery } from '#libs/http/validate.js';
import type { AccountsQueries } from '../read-model/accounts/accounts.queries.js';
import type { StatementQueries } from '../read-model/statement/statement.queries.js';
import { ReadYourWrites } from './read-your-writes.js';

export const ACCOUNTS_QUERIES = 'accounts queries';
export const STATEMENT_QUERIES = 'statement queries';

const accountsQuery = z.strictObject({
  status: accountContract.view.shape.status.optional(),
  owner: text(200).optional(),
  limit: limitParameter,
  cursor: cursorParameter,
});

const statementQuery = z.strictObject({ limit: limitParameter, cursor: cursorParameter });

@Controller('v1/accounts')
export class AccountsController {
  constructor(
    @Inject(ACCOUNTS_QUERIES) private readonly accounts: AccountsQueries,
    @Inject(STATEMENT_QUERIES) private readonly statements: StatementQueries,
    @Inject(ReadYourWrites) private readonly freshness: ReadYourWrites,
  ) {}

  @Get()
  async list(
    @Query() query: unknown,
    @Headers('consistency-token') token: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { status, owner, limit, cursor } = validateQuery(accountsQuery, query);
    reply.headers(await this.freshness.awaitAccounts(token));
    return this.accounts.list({
      limit,
      ...(status !== undefined && { status }),
      ...(owner !== undefined && { owner }),
      ...(cursor !== undefined && { cursor }),
    });
  }

  @Get(':id/statement')
  async statement(
    @Param('id') id: string,
    @Query() query: unknown,
    @Headers('consistency-token') token: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    if (!isEntityId(id)) throw invalidId();
    const { limit, cursor } = validateQuery(statementQuery, query);
    reply.headers(await this.freshness.awaitStatement(token));
    return this.statements.entries(id, { limit, ...(cursor !== undefined && { cursor }) });
  }
}

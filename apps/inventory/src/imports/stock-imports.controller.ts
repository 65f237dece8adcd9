import { Readable } from 'node:stream';
import { Controller, Get, Inject, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  STOCK_IMPORT_READERS,
  STOCK_IMPORTERS,
  stockImportContract,
} from '#contracts/stock-import/stock-import.contract.js';
import { routeOf } from '#contracts/entity-contract.js';
import { BlobMissingError } from '#libs/blob/blob-store.errors.js';
import { EntityApi } from '#libs/api/entities/entity-api.js';
import { Allow, callerOf } from '#libs/api/http/access.js';
import { ProblemFilter } from '#libs/api/http/problem.filter.js';
import { validateQuery } from '#libs/api/http/validate.js';
import { noQuery } from '#libs/api/entities/page-query.js';
import { presentFlow } from '#libs/core/flow/flow.view.js';
import { ProblemError } from '#libs/core/problem-error.js';
import { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { importProblems } from './import-upload.js';
import { asText, rejectsOf, resultsOf } from './row-reports.js';
import type { RowReport } from './stock-import.schemas.js';
import { outcomeOf, presentImport, STOCK_IMPORTS } from './stock-import.view.js';
import { STEERING } from './stock-imports.openapi.js';
import { StockImports } from './stock-imports.js';

const CSV = 'text/csv';
const NDJSON = 'application/x-ndjson';

/** Imports of stock: the flow, with its file. */
@Controller(STOCK_IMPORTS)
@UseFilters(ProblemFilter)
export class StockImportsController {
  private readonly api: EntityApi;

  constructor(
    private readonly imports: StockImports,
    @Inject(EntityGateway) gateway: EntityGateway,
  ) {
    this.api = new EntityApi(stockImportContract, gateway, presentFlow, undefined);
  }

  @Allow(STOCK_IMPORTERS, { takesUpload: true })
  @Post()
  async take(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    validateQuery(noQuery, request.query);
    const id = await this.imports.take(request);
    const view = await this.view(request, id);
    await reply.status(202).header('location', view.links.self).send(view);
  }

  @Allow(STOCK_IMPORT_READERS)
  @Get(':id')
  one(@Req() request: FastifyRequest) {
    validateQuery(noQuery, request.query);
    return this.view(request, idIn(request));
  }

  @Allow(STOCK_IMPORT_READERS)
  @Get([':id/rejects', ':id/results'])
  async report(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    validateQuery(noQuery, request.query);
    const state = await this.imports.find(callerOf(request).tenant, idIn(request));
    const rows = request.routeOptions.url?.endsWith('rejects') === true ? rejectsOf : resultsOf;
    const isCsv = request.headers.accept?.includes(CSV) === true;
    // A report that is gone is found out here, while it can still be answered.
    const found = await begun(rows(this.imports.blobs, outcomeOf(state)));
    const text = asText(found, isCsv ? 'csv' : 'ndjson');
    await reply
      .status(200)
      .header('vary', 'accept')
      .type(isCsv ? CSV : NDJSON)
      .send(Readable.from(text));
  }

  @Allow(STOCK_IMPORTERS, { act: () => true })
  @Post(STEERING.map((type) => `:id/${routeOf(type)}`))
  async steer(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const { status, headers, body } = await this.api.command(request);
    await reply.status(status).headers(headers).send(body);
  }

  private async view(request: FastifyRequest, id: string) {
    return presentImport(id, await this.imports.find(callerOf(request).tenant, id));
  }
}

function idIn({ params }: FastifyRequest): string {
  return (params as { readonly id: string }).id;
}

/** The same rows, of which the first is known. */
async function begun(rows: AsyncGenerator<RowReport>): Promise<AsyncIterable<RowReport>> {
  const first = await rows.next().catch((error: unknown) => {
    if (!(error instanceof BlobMissingError)) throw error;
    throw new ProblemError(importProblems.reportGone, 'its workflow is gone, and with it the report');
  });
  return (async function* () {
    if (first.done === true) return;
    yield first.value;
    yield* rows;
  })();
}

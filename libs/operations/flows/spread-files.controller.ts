import { Controller, Get, Param, Req, Res, type Type, UseFilters } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FlowContract } from '#contracts/flow/flow.contract.js';
import { isEntityId } from '#libs/core/entity-id.js';
import { noQuery } from '#libs/api/entities/page-query.js';
import { Allow, callerOf, onlyForIn } from '#libs/api/http/access.js';
import { ProblemFilter } from '#libs/api/http/problem.filter.js';
import { invalidId, validateQuery } from '#libs/api/http/validate.js';
import { type SpreadFile, SpreadFiles } from './spread-files.js';

/** Makes the controller of the files of a flow's spread: `…/{id}/results` and `…/{id}/rejects`. */
export function spreadFilesController(contract: FlowContract): Type {
  @Controller(`v1/${contract.plural}`)
  @UseFilters(ProblemFilter)
  class SpreadFilesController {
    constructor(private readonly files: SpreadFiles) {}

    @Allow(contract.access.read)
    @Get(':id/results')
    results(@Param('id') id: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
      return this.send(id, 'results', request, reply);
    }

    @Allow(contract.access.read)
    @Get(':id/rejects')
    rejects(@Param('id') id: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
      return this.send(id, 'rejects', request, reply);
    }

    private async send(
      id: string,
      file: SpreadFile,
      request: FastifyRequest,
      reply: FastifyReply,
    ): Promise<void> {
      validateQuery(noQuery, request.query);
      if (!isEntityId(id)) throw invalidId();
      const { tenant } = callerOf(request);
      const lines = await this.files.open(contract, { tenant, id, onlyFor: onlyForIn(request), file });
      const name = `attachment; filename="${id}-${file}.ndjson"`;
      await reply.status(200).type('application/x-ndjson').header('content-disposition', name).send(lines);
    }
  }
  return SpreadFilesController;
}

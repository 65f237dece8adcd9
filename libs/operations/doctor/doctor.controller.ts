import { Readable } from 'node:stream';
import { Controller, Inject, Post, Req, Res, type Type } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { bodyOf } from '#libs/api/http/validate.js';
import { type DoctorLine, type DoctorRequest, doctorBody } from './doctor.schemas.js';
import { examine } from './examine.js';
import type { StateProofDependencies } from '../proof/state-proof.dependencies.js';
import { whileReachable } from './while-reachable.js';

/** The token under which that is provided which a service compares itself with. */
export const STATE_PROOF = 'state proof';

/**
 * `POST /v1/operations/{service}/doctor`: compares all with the streams, and tells of it line by
 * line as it goes.
 */
export function createDoctorController(service: string): Type {
  @Controller(`v1/operations/${service}`)
  class DoctorController {
    constructor(@Inject(STATE_PROOF) private readonly dependencies: StateProofDependencies) {}

    @Post('doctor')
    async doctor(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
      const lines = linesOf(this.dependencies, bodyOf(doctorBody, request));
      // A client that goes away ends the stream, and with it the work.
      await reply.status(200).type('application/x-ndjson').send(Readable.from(lines));
    }
  }
  return DoctorController;
}

async function* linesOf(
  dependencies: StateProofDependencies,
  request: DoctorRequest,
): AsyncGenerator<string> {
  const line = (said: DoctorLine): string => `${JSON.stringify(said)}\n`;
  try {
    const lines = whileReachable(examine(dependencies, request), dependencies);
    for await (const said of lines) yield line(said);
    yield line({ kind: 'done' });
  } catch (error) {
    dependencies.logger.error({ err: error }, 'the doctor cannot continue');
    yield line({ kind: 'failed', detail: String(error) });
  }
}

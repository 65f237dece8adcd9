import { Readable } from 'node:stream';
import { Controller, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '#libs/api/http/access.js';
import { showLimitRefusal } from '#libs/api/http/limit-metrics.js';
import { ProblemFilter } from '#libs/api/http/problem.filter.js';
import { bodyOf } from '#libs/api/http/validate.js';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems } from '#libs/core/problems.js';
import { Doctor } from './doctor.js';
import { doctorBody } from './doctor.schemas.js';
import { OperatorsOnly } from '../operators-only.js';

/** Each reads whole streams and topics. */
const MOST_AT_A_TIME = 4;
const RETRY_AFTER_SECONDS = 10;

/** `POST /v1/operations/{service}/doctor`: streams what the doctor finds, line by line. */
@Controller('doctor')
@UseFilters(ProblemFilter)
export class DoctorController {
  private running = 0;

  constructor(private readonly doctor: Doctor) {}

  @OperatorsOnly({ act: healing })
  @Post()
  async examine(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const asked = bodyOf(doctorBody, request);
    this.begin(reply);
    const lines = this.doctor.lines(asked, callerOf(request).id);
    // A client that disconnects ends the stream, and the work with it.
    await reply.status(200).type('application/x-ndjson').send(Readable.from(lines));
  }

  /** Counts an examination while it lasts. Throws a problem if there are too many. */
  private begin(reply: FastifyReply): void {
    if (this.running >= MOST_AT_A_TIME) {
      showLimitRefusal('doctor', 'process');
      const detail = `at most ${MOST_AT_A_TIME} examinations at a time`;
      throw new ProblemError(problems.limitConcurrency, detail, { retryAfterSeconds: RETRY_AFTER_SECONDS });
    }
    this.running += 1;
    reply.raw.once('close', () => (this.running -= 1));
  }
}

/** Looking changes nothing. */
function healing({ body }: FastifyRequest): string | false {
  return (body as { readonly heal?: unknown } | undefined)?.heal === true && 'heal';
}

import { Readable } from 'node:stream';
import { Controller, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProblemFilter } from '#libs/api/http/problem.filter.js';
import { bodyOf } from '#libs/api/http/validate.js';
import { Doctor } from './doctor.js';
import { doctorBody } from './doctor.schemas.js';
import { OperatorsOnly } from '../operators-only.js';

/** `POST /v1/operations/{service}/doctor`: streams what the doctor finds, line by line. */
@Controller('doctor')
@UseFilters(ProblemFilter)
export class DoctorController {
  constructor(private readonly doctor: Doctor) {}

  @OperatorsOnly()
  @Post()
  async examine(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const lines = this.doctor.lines(bodyOf(doctorBody, request));
    // A client that disconnects ends the stream, and the work with it.
    await reply.status(200).type('application/x-ndjson').send(Readable.from(lines));
  }
}

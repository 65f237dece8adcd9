import { readFileSync } from 'node:fs';
import { Controller, Get, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { noQuery } from '#libs/api/entities/page-query.js';
import { Public } from '#libs/api/http/access.js';
import { closingOf } from '#libs/api/http/closing.js';
import { problemHeaders } from '#libs/api/http/problem.js';
import { ProblemFilter } from '#libs/api/http/problem.filter.js';
import { toProblem } from '#libs/api/http/to-problem.js';
import { bodyOf, validateQuery } from '#libs/api/http/validate.js';
import { problems } from '#libs/core/problems.js';
import { ApprovalLinks } from './approval-links.js';
import { followBody } from './approval-links.openapi.js';
import { LINKS_PATH } from './link-mail.call.js';
import { outcomePage, problemPage } from './outcome-page.js';

const HTML = 'text/html; charset=utf-8';
/** A page loads its own files, runs its own script, and posts its form here. */
const PAGE_POLICY =
  "default-src 'none';script-src 'self';style-src 'self';img-src data:;form-action 'self';base-uri 'none';frame-ancestors 'none'";

const fileOf = (name: string) => readFileSync(new URL(`./public/${name}`, import.meta.url), 'utf8');
const confirmPage = fileOf('confirm.html');
const script = fileOf('page.js');
const style = fileOf('page.css');

/**
 * The page that the links of mails lead to, and what it posts. The credential is the token in the
 * body. `GET` changes nothing, because scanners of mails follow links.
 */
@Controller(LINKS_PATH)
@UseFilters(ProblemFilter)
export class ApprovalLinksController {
  constructor(private readonly links: ApprovalLinks) {}

  @Public()
  @Get()
  confirm(@Req() { query }: FastifyRequest, @Res() reply: FastifyReply) {
    validateQuery(noQuery, query);
    return sendPage(reply, 200, confirmPage);
  }

  @Public()
  @Get('page.js')
  script(@Res() reply: FastifyReply) {
    return reply.type('text/javascript; charset=utf-8').send(script);
  }

  @Public()
  @Get('page.css')
  style(@Res() reply: FastifyReply) {
    return reply.type('text/css; charset=utf-8').send(style);
  }

  @Public({ takesForms: true })
  @Post()
  async follow(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    if (isForm(request)) return this.followForPeople(request, reply);
    const { status, headers, body } = await this.answer(request);
    return reply.status(status).headers(headers).send(body);
  }

  private async followForPeople(request: FastifyRequest, reply: FastifyReply) {
    try {
      const answer = await this.answer(request);
      return await sendPage(reply, answer.status, outcomePage(answer));
    } catch (error) {
      const problem = toProblem(error);
      if (problem.code === problems.internal.code) throw error;
      return sendPage(reply.headers(problemHeaders(problem)), problem.status, problemPage(problem));
    }
  }

  private answer(request: FastifyRequest) {
    const { token } = bodyOf(followBody, request);
    return this.links.follow(token, closingOf(request));
  }
}

function isForm({ headers }: FastifyRequest): boolean {
  return headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
}

function sendPage(reply: FastifyReply, status: number, page: string) {
  return reply.status(status).header('content-security-policy', PAGE_POLICY).type(HTML).send(page);
}

import { Controller, Get, HttpException, Param, UseFilters } from '@nestjs/common';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import { ZodError } from 'zod';
import { createHttpApp } from './http-app.js';
import { ProblemFilter, RequestLog } from './problem.filter.js';

const SECRET = 'the-secret-of-the-error';
const logger = pino({ level: 'silent' });

/** An error that has its text and its stack in further fields, as those of frameworks do. */
const withFields = (fields: object) => Object.assign(new Error(SECRET), { cause: new Error(SECRET) }, fields);

const thrown: Readonly<Record<string, () => unknown>> = {
  error: () => new Error(SECRET),
  'type error': () => new TypeError(SECRET),
  'several errors': () => new AggregateError([new Error(SECRET)], SECRET),
  'schema error': () => new ZodError([{ code: 'custom', path: [], message: SECRET, input: SECRET }]),
  text: () => SECRET,
  nothing: () => undefined,
  null: () => null,
  number: () => 42,
  symbol: () => Symbol(SECRET),
  'plain object': () => ({ message: SECRET, stack: SECRET }),
  function: () => () => SECRET,
  'status 500': () => withFields({ statusCode: 500 }),
  'status 502': () => withFields({ status: 502 }),
  'status 99': () => withFields({ status: 99 }),
  'code of PostgreSQL': () => withFields({ code: '23505', detail: SECRET, query: SECRET }),
  'code of a system call': () => withFields({ code: 'EACCES', path: SECRET }),
  'Nest error': () => new HttpException({ message: SECRET, stack: new Error(SECRET).stack }, 500),
};

@Controller()
@UseFilters(ProblemFilter)
class Throwing {
  @Get('throws/:what')
  throws(@Param('what') what: string): never {
    throw thrown[what]?.();
  }

  @Get('rejects/:what')
  rejects(@Param('what') what: string): Promise<never> {
    return Promise.reject(thrown[what]?.());
  }
}

let app: NestFastifyApplication;
let url: string;
beforeAll(async () => {
  class ThrowingModule {}
  const providers = [{ provide: RequestLog, useValue: { logger } }];
  app = await createHttpApp({ module: ThrowingModule, controllers: [Throwing], providers }, logger);
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
});
afterAll(async () => {
  app.getHttpServer().closeAllConnections();
  await app.close();
});

it.each(Object.keys(thrown).flatMap((what) => [`throws/${what}`, `rejects/${what}`]))(
  'a handler that %s is answered without its text or its stack',
  async (path) => {
    const reply = await fetch(`${url}/${encodeURI(path)}`);
    const body = await reply.text();
    expect(body).not.toContain(SECRET);
    expect(body).not.toMatch(/\bat .*:\d+:\d+|"stack"|node_modules/);
    expect(JSON.parse(body)).toMatchObject({ status: 500, code: 'INTERNAL.DEFECT' });
    expect(reply.headers.get('content-type')).toContain('application/problem+json');
  },
);

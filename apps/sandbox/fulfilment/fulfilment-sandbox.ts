import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems } from '#libs/core/problems.js';
import { validateBody } from '#libs/api/http/validate.js';
import type { Logger } from '#libs/runtime/logger.js';
import { sandboxServer } from '../sandbox-server.js';
import { CallbackReporter } from './callback-reporter.js';
import { OrderBook } from './order-book.js';

const SLOW_MILLISECONDS = 3_000;
const FLAKY_FAILURES = 2;
const ASYNC = 'respond-async';

const REFUSED = ['refused', 'telling'];
/** Those whose orders are answered later, if the request allows it. */
const LATER = ['later', 'lost', 'wrong', 'asked', 'silent'];
/** Of these, those that report something by themselves. */
const BY_THEMSELVES = ['later', 'lost', 'wrong'];

const orderBody = z.looseObject({ customerId: z.string() });

function refusal(mood: string, address: unknown): string {
  return `no deliveries to ${mood === 'telling' ? String(address) : 'this customer'}`;
}

/** Passes on what a test has an order report. */
function takeReports(server: FastifyInstance, reporter: CallbackReporter): void {
  server.post<{ Params: { id: string } }>('/orders/:id/report', async ({ params: { id }, body }) => {
    const answer = await reporter.report(id, body);
    if (!answer) throw new ProblemError(problems.entityNotFound, `order ${id} has no address`);
    return answer;
  });
}

/**
 * A provider that fulfils orders, for the dev stack and tests. Its behaviour depends on the
 * prefix of the customer's name: `slow-…` takes 3 s, `flaky-…` fails twice first, `refused-…` is
 * refused, `telling-…` too in words that repeat the callback address, `down-…` is always
 * answered with 503, and `held-…` too until `POST /orders/{id}/admit`. Like many providers, it
 * answers `DELETE` with 404 for an order that it never accepted and with 410 for one that it has
 * already cancelled.
 *
 * If it may answer later, `later-…` is completed after a second, `lost-…` fails, `wrong-…` is
 * completed twice and then fails, `silent-…` reports nothing, `asked-…` only what `POST
 * /orders/{id}/report` is given, and `vague-…` is answered 202 without a word about later.
 */
export function createFulfilmentSandbox(file: string, logger: Logger): FastifyInstance {
  const book = new OrderBook(file);
  const reporter = new CallbackReporter();
  const tries = new Map<string, number>();
  const admitted = new Set<string>();
  const server = sandboxServer(logger);
  takeReports(server, reporter);

  server.put<{ Params: { id: string } }>('/orders/:id', async ({ params: { id }, body, headers }, reply) => {
    const { customerId } = validateBody(orderBody, body);
    const [mood = ''] = customerId.split('-');
    if (mood === 'slow') await pause(SLOW_MILLISECONDS);
    const address = headers['callback-url'];
    if (REFUSED.includes(mood)) return reply.status(422).send({ detail: refusal(mood, address) });
    if (mood === 'held' && !admitted.has(id)) return reply.status(503).send({});
    const count = (tries.get(id) ?? 0) + 1;
    tries.set(id, count);
    if (mood === 'down' || (mood === 'flaky' && count <= FLAKY_FAILURES)) return reply.status(503).send({});
    if (!book.take(id)) return reply.status(410).send({ detail: 'the order was cancelled' });
    if (mood === 'vague') reply.status(202);
    if (!LATER.includes(mood) || typeof address !== 'string' || headers['prefer'] !== ASYNC) {
      return { id, status: 'taken' };
    }
    const isNew = reporter.accept(id, address);
    if (isNew && BY_THEMSELVES.includes(mood)) {
      reporter.fulfil(id, mood).catch((err: unknown) => logger.warn({ err, order: id }, 'no report'));
    }
    return reply.status(202).header('preference-applied', ASYNC).send({ id, status: 'taken' });
  });

  server.post<{ Params: { id: string } }>('/orders/:id/admit', ({ params: { id } }) => {
    admitted.add(id);
    return { id };
  });

  server.delete<{ Params: { id: string } }>('/orders/:id', async ({ params: { id } }, reply) => {
    const before = book.statusOf(id);
    book.cancel(id);
    if (before === 'taken') return { id, status: 'cancelled' };
    const [status, detail] = before ? [410, 'was already cancelled'] : [404, 'was never placed'];
    return reply.status(status).send({ detail: `the order ${detail}` });
  });

  server.get<{ Params: { id: string } }>('/orders/:id', ({ params: { id } }) => {
    const status = book.statusOf(id);
    if (!status) throw new ProblemError(problems.entityNotFound, `there is no order ${id}`);
    return { id, status, reports: reporter.answersTo(id) };
  });
  return server;
}

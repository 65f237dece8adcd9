import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems } from '#libs/core/problems.js';
import { validateBody } from '#libs/api/http/validate.js';
import type { Logger } from '#libs/runtime/logger.js';
import { sandboxServer } from '../sandbox-server.js';
import { OrderBook } from './order-book.js';

const SLOW_MILLISECONDS = 3_000;
const FLAKY_FAILURES = 2;

const orderBody = z.looseObject({ customerId: z.string() });

/**
 * A provider that fulfils orders, for the dev stack and tests. Its behaviour depends on the prefix
 * of the customer's name: `slow-…` takes 3 s, `flaky-…` fails twice first, `refused-…` is refused,
 * `down-…` is always answered with 503, and `held-…` too until `POST /orders/{id}/admit`. Like many
 * providers, it answers `DELETE` with 404 for an order that it never accepted and with 410 for one
 * that it has already cancelled.
 */
export function createFulfilmentSandbox(file: string, logger: Logger): FastifyInstance {
  const book = new OrderBook(file);
  const tries = new Map<string, number>();
  const admitted = new Set<string>();
  const server = sandboxServer(logger);

  server.put<{ Params: { id: string } }>('/orders/:id', async ({ params: { id }, body }, reply) => {
    const { customerId } = validateBody(orderBody, body);
    const [mood] = customerId.split('-');
    if (mood === 'slow') await pause(SLOW_MILLISECONDS);
    if (mood === 'refused') return reply.status(422).send({ detail: 'no deliveries to this customer' });
    if (mood === 'held' && !admitted.has(id)) return reply.status(503).send({});
    const count = (tries.get(id) ?? 0) + 1;
    tries.set(id, count);
    if (mood === 'down' || (mood === 'flaky' && count <= FLAKY_FAILURES)) return reply.status(503).send({});
    if (!book.take(id)) return reply.status(410).send({ detail: 'the order was cancelled' });
    return { id, status: 'taken' };
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
    return { id, status };
  });
  return server;
}

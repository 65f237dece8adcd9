import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { canonicalJson } from '#libs/core/canonical-json.js';
import type { Json } from '#libs/core/json.js';
import { validateBody, validateQuery } from '#libs/api/http/validate.js';
import type { Logger } from '#libs/runtime/logger.js';
import { sandboxServer } from '../sandbox-server.js';
import { behaviourOf } from './card-tokens.js';
import { type Answer, PaymentBook, refusal } from './payment-book.js';
import { chargedBy, type Payment, stateOf } from './payment.js';
import { Webhooks, type WebhookTarget } from './webhooks.js';

const PAGE = 1_000;

const orderBody = z.strictObject({
  id: z.string().min(1).max(200).optional(),
  reference: z.string().min(1).max(140),
  amount: z.int().min(1),
  currency: z.string().regex(/^[A-Z]{3}$/),
  card: z.string().refine((card) => behaviourOf(card) !== undefined, 'is not a test card'),
  capture: z.enum(['automatic', 'manual']).default('automatic'),
  webhookUrl: z.url({ protocol: /^https?$/ }).optional(),
});
const emptyBody = z.strictObject({});
const settleBody = z.strictObject({ state: z.enum(['succeeded', 'failed']) });
const listQuery = z.strictObject({
  reference: z.string().optional(),
  after: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(PAGE).default(PAGE),
});
const actions = ['confirm', 'capture', 'void', 'refund', 'undo'] as const;

interface OfPayment {
  readonly Params: { readonly id: string };
}

/**
 * A provider that charges cards, for the dev stack and tests. The card of a payment is a token that
 * says how the payment goes; `card-tokens.ts` lists them. As with many providers, a `POST` needs an
 * `Idempotency-Key`: a repeat gets the first answer, and another request under the key gets 409.
 */
export function createPaymentSandbox(
  file: string,
  logger: Logger,
  { url: webhookUrl, secret }: WebhookTarget = {},
): FastifyInstance {
  const book = new PaymentBook(file);
  const once = new OncePerKey(book);
  const webhooks = new Webhooks(book, logger, secret);
  const server = sandboxServer(logger);
  server.addHook('onClose', async () => webhooks.close());

  server.post('/payments', async (request, reply) => {
    const order = validateBody(orderBody, request.body);
    const told = { ...addressFor(order.card, webhookUrl), ...order };
    return once.answer(request, reply, order.card, (key, asked) => book.create(key, asked, told));
  });

  for (const action of actions) {
    server.post<OfPayment>(`/payments/:id/${action}`, async (request, reply) => {
      validateBody(emptyBody, request.body ?? {});
      const { id } = request.params;
      const payment = book.find(id);
      if (action === 'undo') {
        return once.answer(request, reply, payment?.card ?? '', (key, asked) => book.undo(key, asked, id));
      }
      if (!payment) return send(reply, notFound(id));
      return once.answer(request, reply, payment.card, (key, asked) => book.act(key, asked, payment, action));
    });
  }

  // No provider has this route: it stands for the decision of a bank.
  server.post<OfPayment>('/payments/:id/settle', async ({ params: { id }, body }, reply) => {
    const { state } = validateBody(settleBody, body);
    const payment = book.find(id);
    if (!payment) return send(reply, notFound(id));
    if (book.settleNow(payment, state)) return { id, state };
    return send(reply, refusal(422, 'wrong_state', `the payment is ${stateOf(payment)}`));
  });

  server.get<OfPayment>('/payments/:id', ({ params: { id } }, reply) => {
    const payment = book.find(id);
    return payment ? shown(payment) : send(reply, notFound(id));
  });

  server.get('/payments', ({ query }) => listed(book.all(), validateQuery(listQuery, query)));
  return server;
}

/** Only payments that are pending at some point are reported to the configured address. */
function addressFor(card: string, webhookUrl: string | undefined): Pick<Payment, 'webhookUrl'> {
  const { settles, requiresAction } = behaviourOf(card) ?? {};
  return settles || requiresAction ? { webhookUrl } : {};
}

/** Answers requests by their key, and loses or refuses replies as the card asks. */
class OncePerKey {
  private readonly tries = new Map<string, number>();

  constructor(private readonly book: PaymentBook) {}

  async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    card: string,
    run: (key: string, asked: string) => Answer,
  ): Promise<FastifyReply> {
    const key = request.headers['idempotency-key'];
    if (typeof key !== 'string' || key === '') {
      return send(reply, refusal(400, 'key_required', 'an Idempotency-Key is required'));
    }
    const asked = `${request.url} ${canonicalJson((request.body ?? {}) as Json)}`;
    const known = this.book.answered(key, asked);
    if (known) return send(reply, known);
    const { failures = 0, losesReplies, repliesAfterMilliseconds = 0 } = behaviourOf(card) ?? {};
    const tries = (this.tries.get(key) ?? 0) + 1;
    if (tries <= failures) {
      this.tries.set(key, tries);
      return send(reply, refusal(503, 'unavailable', 'try again'));
    }
    this.tries.delete(key);
    const answer = run(key, asked);
    if (repliesAfterMilliseconds > 0) await pause(repliesAfterMilliseconds);
    if (!losesReplies) return send(reply, answer);
    reply.hijack();
    request.raw.socket.destroy();
    return reply;
  }
}

function shown(payment: Payment) {
  const { settles: _, history, ...rest } = payment;
  const times = history.map(({ state, at }) => ({ state, at: new Date(at).toISOString() }));
  return { ...rest, state: stateOf(payment), charged: chargedBy(payment), history: times };
}

/** A page of payments, and what all of them together have charged, by currency. */
function listed(all: readonly Payment[], { reference, after, limit }: z.output<typeof listQuery>) {
  const payments = all.filter((payment) => reference === undefined || payment.reference === reference);
  const charged: Record<string, number> = {};
  for (const payment of payments) {
    charged[payment.currency] = (charged[payment.currency] ?? 0) + chargedBy(payment);
  }
  const from = after === undefined ? 0 : payments.findIndex(({ id }) => id === after) + 1;
  const page = payments.slice(from, from + limit);
  const next = from + limit < payments.length ? page.at(-1)?.id : undefined;
  return { count: payments.length, charged, payments: page.map(shown), ...(next !== undefined && { next }) };
}

function notFound(id: string): Answer {
  return refusal(404, 'not_found', `there is no payment ${id}`);
}

function send(reply: FastifyReply, { status, body }: Answer): FastifyReply {
  return reply.status(status).send(body);
}

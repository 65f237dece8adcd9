import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from '#libs/api/http/problem.filter.js';
import { traceIdOf } from '#libs/api/http/trace-context.js';
import type { Logger } from '#libs/runtime/logger.js';
import { actIn } from './act-in-request.js';
import type { EndedAct, OperatorActs } from './operator-acts.js';

/** What is recorded, where, and what logs if it is not. */
interface Recording {
  readonly acts: Pick<OperatorActs, 'begin' | 'end'>;
  readonly service: string;
  readonly logger: Logger;
}

/**
 * Records every act of an operator before it is done, and how it ended before it is answered. What
 * cannot be recorded is not done: it is answered `503`.
 */
export function recordActs(fastify: FastifyInstance, { acts, service, logger }: Recording): void {
  const begun = new WeakMap<FastifyRequest, string>();
  const end = async (id: string, ended: EndedAct, { headers }: FastifyRequest): Promise<void> => {
    try {
      await acts.end(id, ended);
    } catch (err) {
      const fields = { err, trace: traceIdOf(headers), result: ended.outcome };
      logger.error(fields, 'how an act of an operator ended was not recorded');
    }
  };
  fastify.addHook('preHandler', async (request, reply) => {
    const act = actIn(request, service);
    if (!act) return;
    try {
      begun.set(request, await acts.begin(act));
    } catch (error) {
      sendProblem(error, request, reply, logger);
      return reply;
    }
  });
  fastify.addHook('onSend', async (request, reply, payload: unknown) => {
    const id = begun.get(request);
    if (id === undefined) return;
    // What is streamed lasts as long as its answer.
    if (isStream(payload)) reply.raw.once('close', () => void end(id, endedBy(reply), request));
    else await end(id, endedBy(reply, payload), request);
  });
}

function isStream(payload: unknown): boolean {
  return typeof (payload as { readonly pipe?: unknown } | null | undefined)?.pipe === 'function';
}

function endedBy({ statusCode, raw }: FastifyReply, payload?: unknown): EndedAct {
  if (statusCode >= 500) return { outcome: 'failed', code: codeIn(payload) };
  if (statusCode >= 400) return { outcome: 'refused', code: codeIn(payload) };
  if (raw.headersSent && !raw.writableFinished) return { outcome: 'failed' };
  return { outcome: statusCode === 202 ? 'accepted' : 'done' };
}

/** The code of a problem. */
function codeIn(payload: unknown): string | undefined {
  const [, code] = /"code":"([A-Z0-9_.]{1,100})"/.exec(String(payload)) ?? [];
  return code;
}

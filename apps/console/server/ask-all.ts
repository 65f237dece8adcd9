import type { FastifyRequest } from 'fastify';
import { ProblemError } from '#libs/core/problem-error.js';
import { UnavailableError } from '#libs/core/problems.js';
import { askService } from './ask-service.js';
import type { Service } from './services.js';

/** What a service has answered. */
interface Answered {
  readonly service: string;
  readonly body: unknown;
}

/** What all services answered, and which of them did not. */
export interface Answers {
  readonly answers: readonly Answered[];
  readonly missing: readonly { readonly source: string; readonly reason: string }[];
}

/**
 * Asks all services for what a caller wants to know, with its credential. Throws the problem with
 * which one of them refuses that, and `UnavailableError` if none answers.
 */
export async function askAll(
  services: readonly Service[],
  { url, headers, ip }: Pick<FastifyRequest, 'url' | 'headers' | 'ip'>,
  milliseconds: number,
): Promise<Answers> {
  const { authorization, traceparent } = headers;
  const given = {
    ...(authorization && { authorization }),
    ...(typeof traceparent === 'string' && { traceparent }),
  };
  const asking = { headers: { ...given, 'x-forwarded-for': ip }, milliseconds };
  const all = await Promise.all(
    services.map(
      async (service) => [serviceSource(service.name), await askService(service, url, asking)] as const,
    ),
  );
  const refusal = all.find(([, answer]) => answer && answer.status >= 400 && answer.status < 500);
  if (refusal?.[1]) throw problemIn(refusal[1]);
  const answers = all.flatMap(([service, answer]) => {
    return answer?.status === 200 ? [{ service, body: answer.body }] : [];
  });
  if (answers.length === 0) throw new UnavailableError(all.map(([service]) => service).join(', '));
  const missing = all
    .filter(([, answer]) => answer?.status !== 200)
    .map(([source]) => ({ source, reason: 'does not answer' }));
  return { answers, missing };
}

/** How a service is named among what is missing. */
export function serviceSource(name: string): string {
  return `${name} service`;
}

interface Refusal {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

function problemIn({ status, body }: Refusal): ProblemError {
  const { code, title, detail, errors } = body as Readonly<Record<string, string>>;
  return new ProblemError({ code: String(code), status, title: String(title) }, String(detail), {
    ...(Array.isArray(errors) && { errors }),
  });
}

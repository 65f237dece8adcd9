import type { ProblemKind } from '#libs/core/problem-error.js';
import { byCode, problems } from '#libs/core/problems.js';
import type { Document } from './openapi-schemas.js';

type Problems = Readonly<Record<string, Omit<ProblemKind, 'code'>>>;

/** The problems that any request may cause, by code. */
export const requestProblems: Problems = byCode(Object.values(problems));

const { malformedJson, invalidBody, unsupportedMediaType, tooLarge, unknownCommandType } = problems;
const ofCommands: readonly ProblemKind[] = [
  malformedJson,
  invalidBody,
  unsupportedMediaType,
  tooLarge,
  unknownCommandType,
  problems.outcomeUnknown,
];

/** The problems that a request may cause if it has no body and is not a command. */
export const readProblems: Problems = byCode(
  Object.values(problems).filter((kind) => !ofCommands.includes(kind)),
);

const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
const retryAfter = {
  'Retry-After': {
    description: 'Seconds to wait before the next try',
    schema: { type: 'integer', minimum: 1 },
  },
};

/** One response per status, listing its codes. */
export function problemResponses(all: Problems): Document {
  const codesByStatus = new Map<number, string[]>();
  for (const [code, { status }] of Object.entries(all)) {
    codesByStatus.set(status, [...(codesByStatus.get(status) ?? []), `\`${code}\``]);
  }
  return Object.fromEntries(
    [...codesByStatus].map(([status, codes]) => [
      status,
      {
        description: codes.join(', '),
        ...((status === 429 || status === 503) && { headers: retryAfter }),
        content,
      },
    ]),
  );
}

import { Problem, type ProblemDetail } from './problem.js';

/** What may be wrong with a request before any entity is asked, by code: status and title. */
export const requestProblems = {
  'REQUEST.MALFORMED_JSON': { status: 400, title: 'The body is not acceptable JSON' },
  'REQUEST.INVALID_BODY': { status: 422, title: 'The body does not match the schema' },
  'REQUEST.INVALID_ID': { status: 400, title: 'The id is not one an entity may have' },
  'REQUEST.INVALID_HEADER': { status: 400, title: 'A header cannot be understood' },
  'REQUEST.INVALID_QUERY': { status: 400, title: 'A query parameter cannot be understood' },
  'REQUEST.INVALID': { status: 400, title: 'The request cannot be understood' },
  'REQUEST.UNSUPPORTED_MEDIA_TYPE': { status: 415, title: 'The body must be application/json' },
  'REQUEST.TOO_LARGE': { status: 413, title: 'The body is larger than 64 KB' },
  'REQUEST.URI_TOO_LONG': { status: 414, title: 'A part of the address is too long' },
  'REQUEST.HEADERS_TOO_LARGE': { status: 431, title: 'The headers are larger than 16 KB' },
  'REQUEST.TIMEOUT': { status: 408, title: 'The request took too long to arrive' },
  'ROUTE.NOT_FOUND': { status: 404, title: 'There is nothing at this address' },
  'ROUTE.METHOD_NOT_ALLOWED': { status: 405, title: 'This address does not take the method' },
  'ROUTE.METHOD_NOT_IMPLEMENTED': { status: 501, title: 'No address takes the method' },
  'ENTITY.NOT_FOUND': { status: 404, title: 'There is no such entity' },
  'COMMAND.NOT_FOUND': { status: 404, title: 'The entity knows no such command' },
  'COMMAND.UNKNOWN_TYPE': { status: 422, title: 'The entity takes no such command' },
  'COMMAND.OUTCOME_UNKNOWN': { status: 503, title: 'It is not known whether the command was carried out' },
  'ENTITY.BUSY': { status: 429, title: 'Too many commands wait for this entity' },
  'ENGINE.UNAVAILABLE': { status: 503, title: 'A server that is needed does not answer' },
  'EVENT.UNKNOWN_VERSION': { status: 503, title: 'Newer code wrote events that this process cannot read' },
  'INTERNAL.DEFECT': { status: 500, title: 'Internal error; nothing was changed' },
} as const satisfies Record<string, { status: number; title: string }>;

const ofBodies = ['MALFORMED_JSON', 'INVALID_BODY', 'UNSUPPORTED_MEDIA_TYPE', 'TOO_LARGE'];
const ofCommands = ['COMMAND.UNKNOWN_TYPE', 'COMMAND.OUTCOME_UNKNOWN'];
const notForReads = new Set([...ofBodies.map((code) => `REQUEST.${code}`), ...ofCommands]);

/** What may be wrong with a request that only asks. */
export const readProblems: Readonly<Record<string, { readonly status: number; readonly title: string }>> =
  Object.fromEntries(Object.entries(requestProblems).filter(([code]) => !notForReads.has(code)));

export type RequestProblemCode = keyof typeof requestProblems;

/** A problem of the list above. */
export function requestProblem(
  code: RequestProblemCode,
  detail: string,
  extras: Problem['extras'] = {},
): Problem {
  const { status, title } = requestProblems[code];
  return new Problem(status, code, title, detail, extras);
}

/** A body or query that breaks its schema. */
export function invalid(
  code: 'REQUEST.INVALID_BODY' | 'REQUEST.INVALID_QUERY' | 'REQUEST.INVALID_HEADER',
  errors: readonly ProblemDetail[],
): Problem {
  const [first] = errors;
  const where = first?.pointer ?? first?.parameter ?? first?.header ?? '';
  return requestProblem(code, `${where}${where && ': '}${first?.detail ?? 'invalid'}`, { errors });
}

/** An id in the address that no entity may have. */
export function invalidId(): Problem {
  const detail = 'an id has 1 to 200 of the characters A–Z a–z 0–9 . _ ~ @ : -';
  return requestProblem('REQUEST.INVALID_ID', detail);
}

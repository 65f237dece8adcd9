import { type ProblemDetail, ProblemError, type ProblemKind, type ProblemOptions } from './problem-error.js';

/** Problems of requests that never reach a rule. docs/rejections.md lists them in this order. */
export const problems = {
  malformedJson: { code: 'REQUEST.MALFORMED_JSON', status: 400, title: 'The body is not acceptable JSON' },
  invalidBody: { code: 'REQUEST.INVALID_BODY', status: 422, title: 'The body does not match the schema' },
  invalidId: { code: 'REQUEST.INVALID_ID', status: 400, title: 'The id is not a valid entity id' },
  invalidHeader: { code: 'REQUEST.INVALID_HEADER', status: 400, title: 'A header is invalid' },
  invalidQuery: { code: 'REQUEST.INVALID_QUERY', status: 400, title: 'A query parameter is invalid' },
  invalidRequest: { code: 'REQUEST.INVALID', status: 400, title: 'The request is invalid' },
  unsupportedMediaType: {
    code: 'REQUEST.UNSUPPORTED_MEDIA_TYPE',
    status: 415,
    title: 'The body must be application/json',
  },
  tooLarge: { code: 'REQUEST.TOO_LARGE', status: 413, title: 'The body is larger than 64 KB' },
  uriTooLong: { code: 'REQUEST.URI_TOO_LONG', status: 414, title: 'A part of the address is too long' },
  headersTooLarge: {
    code: 'REQUEST.HEADERS_TOO_LARGE',
    status: 431,
    title: 'The headers are larger than 16 KB',
  },
  unauthenticated: {
    code: 'ACCESS.UNAUTHENTICATED',
    status: 401,
    title: 'The request has no valid credential',
  },
  accessDenied: { code: 'ACCESS.DENIED', status: 403, title: 'The caller may not do this' },
  limitRate: { code: 'LIMIT.RATE', status: 429, title: 'The caller sends too many requests' },
  limitConcurrency: {
    code: 'LIMIT.CONCURRENCY',
    status: 429,
    title: 'Too many requests are in progress',
  },
  limitWaiting: { code: 'LIMIT.WAITING', status: 429, title: 'Too many requests wait for an outcome' },
  limitFeeds: { code: 'LIMIT.FEEDS', status: 429, title: 'Too many live feeds are open' },
  limitCredentials: {
    code: 'LIMIT.CREDENTIALS',
    status: 429,
    title: 'Too many credentials from this network were not valid',
  },
  timeout: { code: 'REQUEST.TIMEOUT', status: 408, title: 'The request took too long to arrive' },
  routeNotFound: { code: 'ROUTE.NOT_FOUND', status: 404, title: 'There is nothing at this address' },
  methodNotAllowed: {
    code: 'ROUTE.METHOD_NOT_ALLOWED',
    status: 405,
    title: 'The address does not accept this method',
  },
  methodNotImplemented: {
    code: 'ROUTE.METHOD_NOT_IMPLEMENTED',
    status: 501,
    title: 'No address accepts this method',
  },
  entityNotFound: { code: 'ENTITY.NOT_FOUND', status: 404, title: 'The entity does not exist' },
  revisionNotFound: {
    code: 'ENTITY.REVISION_NOT_FOUND',
    status: 404,
    title: 'The entity has no such revision',
  },
  historyNotRead: {
    code: 'HISTORY.NOT_READ_YET',
    status: 503,
    title: 'The history is longer than one request reads',
  },
  commandNotFound: {
    code: 'COMMAND.NOT_FOUND',
    status: 404,
    title: 'The entity never received this command',
  },
  unknownCommandType: {
    code: 'COMMAND.UNKNOWN_TYPE',
    status: 422,
    title: 'The entity accepts no command of this type',
  },
  outcomeUnknown: {
    code: 'COMMAND.OUTCOME_UNKNOWN',
    status: 503,
    title: 'It is not known whether the command was carried out',
  },
  entityBusy: { code: 'ENTITY.BUSY', status: 429, title: 'Too many commands wait for this entity' },
  engineUnavailable: { code: 'ENGINE.UNAVAILABLE', status: 503, title: 'A required server does not answer' },
  unknownEventVersion: {
    code: 'EVENT.UNKNOWN_VERSION',
    status: 503,
    title: 'Newer code wrote events that this process cannot read',
  },
  internal: { code: 'INTERNAL.DEFECT', status: 500, title: 'Internal error; nothing was changed' },
} as const satisfies Record<string, ProblemKind>;

/** Kinds of problems by their codes. */
export function byCode(kinds: readonly ProblemKind[]): Readonly<Record<string, ProblemKind>> {
  return Object.fromEntries(kinds.map((kind) => [kind.code, kind]));
}

/** The pause for clients while a server does not answer. */
export const RETRY_AFTER_SECONDS = 2;

/** A request with a faulty body, query or header. */
export class InvalidRequestError extends ProblemError {
  override readonly name: string = 'InvalidRequestError';
  constructor(kind: ProblemKind, errors: readonly ProblemDetail[]) {
    const [first] = errors;
    const where = first?.pointer ?? first?.parameter ?? first?.header ?? '';
    super(kind, `${where}${where && ': '}${first?.detail ?? 'invalid'}`, { errors });
  }
}

/** A server that the request needs does not answer. Clients see its name and may retry. */
export class UnavailableError extends ProblemError {
  override readonly name: string = 'UnavailableError';
  constructor(
    readonly engine: string,
    options?: ProblemOptions,
  ) {
    const extras = { retryAfterSeconds: RETRY_AFTER_SECONDS, members: { engine } };
    super(problems.engineUnavailable, `${engine} does not answer`, extras, options);
  }
}

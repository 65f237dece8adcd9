import { randomBytes } from 'node:crypto';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { ProblemError } from '#libs/core/problem-error.js';
import { showBoundRefusal } from './limit-metrics.js';
import { PROBLEM_JSON, problemBody } from './problem.js';
import { notImplemented } from './route-table.js';
import { RAW_HEADERS } from './security-headers.js';
import { fromStatus } from './to-problem.js';

const STATUS: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};

/** A request line (RFC 9112). Node's parser rejects methods that it does not know by name. */
const REQUEST_LINE = /^([!#$%&'*+.^_`|~\w-]{1,100}) \S+ HTTP\/1\.[01]\r?\n/;

interface ClientError extends NodeJS.ErrnoException {
  /** The bytes that arrived: a `Buffer`. */
  readonly rawPacket?: unknown;
}

/**
 * Answers input that Node could not parse into a request (not HTTP, endless headers, a missing
 * body, an unknown method) with problem+json and closes the connection.
 */
export function answerClientError(error: ClientError, socket: Socket): void {
  const problem = clientProblem(error);
  showBoundRefusal(problem.code);
  if (error.code !== 'ECONNRESET' && socket.writable) socket.write(rawReply(problem));
  socket.destroy(error);
}

/**
 * Answers CONNECT, which Node does not treat as a request, with problem+json and closes the
 * connection.
 */
export function refuseTunnels({ server }: FastifyInstance): void {
  server.on('connect', ({ method = '' }: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => undefined);
    socket.end(rawReply(notImplemented(method)));
  });
}

/** The problem for input that Node could not parse into a request. */
export function clientProblem({ code = '', rawPacket }: ClientError): ProblemError {
  const arrived = Buffer.isBuffer(rawPacket) ? rawPacket.toString('latin1', 0, 8_192) : '';
  const [, method] = REQUEST_LINE.exec(arrived) ?? [];
  if (code === 'HPE_INVALID_METHOD' && method !== undefined) return notImplemented(method);
  return fromStatus(STATUS[code] ?? 400, 'this is not HTTP as defined by RFC 9112');
}

/** The complete HTTP response as text. */
export function rawReply(problem: ProblemError): string {
  const { status } = problem;
  const body = JSON.stringify(problemBody(problem, '', randomBytes(16).toString('hex')));
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${PROBLEM_JSON}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...RAW_HEADERS,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}

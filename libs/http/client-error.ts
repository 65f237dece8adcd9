import { randomBytes } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { PROBLEM_JSON, problemBody } from './problem.js';
import { fromStatus } from './to-problem.js';

const STATUS: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};

/**
 * Answers what never became a request (no HTTP, headers without end, a body that does not arrive) as problem+json, and ends
 * the connection.
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code !== 'ECONNRESET' && socket.writable) socket.write(clientErrorReply(error.code));
  socket.destroy(error);
}

/** The whole reply, as it goes over the wire. */
export function clientErrorReply(code: string | undefined): string {
  const status = STATUS[code ?? ''] ?? 400;
  const problem = fromStatus(status, 'this is not HTTP as RFC 9112 has it');
  const body = JSON.stringify(problemBody(problem, '', randomBytes(16).toString('hex')));
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${PROBLEM_JSON}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}

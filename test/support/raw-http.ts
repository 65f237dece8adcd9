import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { authorized } from '#libs/testing/authorized.js';

/** A reply, unparsed. */
export interface RawReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/**
 * One request, of a user with all roles, with a path and a body that `fetch` would normalise or
 * refuse to send.
 */
export function rawRequest(
  url: string,
  {
    method = 'GET',
    path,
    headers = {},
    body,
  }: { method?: string; path: string; headers?: Record<string, string>; body?: string | Buffer },
): Promise<RawReply> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const options = { hostname, port, method, path, headers: { ...authorized(), ...headers }, agent: false };
    const outgoing = httpRequest(options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      );
      incoming.on('error', reject);
    });
    outgoing.setTimeout(40_000, () => outgoing.destroy(new Error('no answer within 40 s')));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Writes text to the server's socket, and returns its answer until it ends the connection. */
export function rawExchange(url: string, text: string, milliseconds = 40_000): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(text));
    const timer = setTimeout(() => socket.destroy(new Error(`still open; so far: ${answer}`)), milliseconds);
    socket.on('data', (chunk) => (answer += chunk.toString('utf8')));
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(answer);
    });
  });
}

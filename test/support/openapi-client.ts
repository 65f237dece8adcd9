import { Agent, type IncomingHttpHeaders, request as httpRequest } from 'node:http';
import { authorized } from '#libs/testing/authorized.js';
import type { MadeRequest } from './openapi-requests.js';

/** A reply. Of a feed, only its head. */
export interface ApiReply {
  readonly status: number;
  readonly type: string;
  readonly headers: IncomingHttpHeaders;
  /** Parsed JSON, or undefined for anything else. */
  readonly body: unknown;
  readonly text: string;
}

/** Sends requests unchanged, over a few connections. */
export class OpenApiClient {
  private readonly agent: Agent;

  constructor(
    private readonly url: string,
    connections: number,
    private readonly patienceMilliseconds = 60_000,
  ) {
    this.agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  send(made: MadeRequest): Promise<ApiReply> {
    const { hostname, port } = new URL(this.url);
    const { text, ...options } = written(made);
    const address = { hostname, port, agent: this.agent, ...options };
    return new Promise((resolve, reject) => {
      const outgoing = httpRequest(address, (incoming) => {
        const { statusCode: status = 0, headers } = incoming;
        const type = headers['content-type'] ?? '';
        const chunks: Buffer[] = [];
        const answer = (): void => {
          const whole = Buffer.concat(chunks).toString('utf8');
          const isJson = /^application\/(?:problem\+)?json/.test(type);
          const body = isJson ? (JSON.parse(whole) as unknown) : undefined;
          resolve({ status, type, headers, body, text: whole });
        };
        if (type.startsWith('text/event-stream')) {
          answer();
          outgoing.destroy();
          return;
        }
        incoming.on('error', reject);
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', answer);
      });
      const late = new Error(`no answer within ${this.patienceMilliseconds} ms`);
      const timer = setTimeout(() => outgoing.destroy(late), this.patienceMilliseconds);
      outgoing.on('close', () => clearTimeout(timer));
      outgoing.on('error', reject);
      // With a string, Node would encode the headers in its encoding, too.
      outgoing.end(text === undefined ? undefined : Buffer.from(text));
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

function written({ operation, parameters, unknown, body, isFeed }: MadeRequest) {
  const named = (place: string): Record<string, string> =>
    Object.fromEntries(
      operation.parameters.flatMap(({ name, in: where }) => {
        const value = parameters[name];
        return where === place && value !== undefined ? [[name, value] as const] : [];
      }),
    );
  const inPath = named('path');
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(inPath[name] ?? ''),
  );
  const query = new URLSearchParams({ ...named('query'), ...unknown });
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    ...authorized(),
    ...named('header'),
    ...(isFeed && { accept: 'text/event-stream' }),
    ...(text !== undefined && { 'content-type': 'application/json' }),
  };
  return {
    method: operation.method,
    path: query.size > 0 ? `${path}?${query.toString()}` : path,
    headers,
    text,
  };
}

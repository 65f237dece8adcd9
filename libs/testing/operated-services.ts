import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request to an operator route. */
export interface Asked {
  readonly method: string;
  /** The path after `/v1/operations/`. */
  readonly path: string;
  /** Text, if it is a file. */
  readonly body: unknown;
}

/**
 * The JSON to answer with, or a list to send line by line as `doctor` does. If it throws, the
 * service seems unavailable.
 */
export type Answer = (asked: Asked) => object | Promise<object>;

/**
 * The operator routes of all services at one address, like the front server, for specs of commands.
 */
export class OperatedServices {
  readonly asked: Asked[] = [];
  /**
   * By prefix of the path. The first match answers. Without a match, the service seems unavailable.
   */
  readonly answers = new Map<string, Answer>();
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  /** Resolves to its address. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
    const path = request.url?.replace('/v1/operations/', '') ?? '';
    const isFile = /csv|ndjson/.test(request.headers['content-type'] ?? '');
    const body: unknown = text === '' ? undefined : isFile ? text : JSON.parse(text);
    const asked = { method: String(request.method), path, body };
    this.asked.push(asked);
    const answer = [...this.answers].find(([start]) => path.startsWith(start))?.[1];
    try {
      if (answer) return void response.end(linesOf(await answer(asked)));
    } catch {
      // as if the service had gone
    }
    const detail = `${path.split('/', 1)[0]} service does not answer`;
    response.writeHead(503).end(JSON.stringify({ code: 'ENGINE.UNAVAILABLE', detail }));
  }
}

function linesOf(answer: object): string {
  return Array.isArray(answer)
    ? answer.map((line) => `${JSON.stringify(line)}\n`).join('')
    : JSON.stringify(answer);
}

import { type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import type { ServiceName } from '#contracts/services.js';
import { jsonLines } from '#libs/runtime/json-lines.js';
import { OperatorError } from './operator.errors.js';

/** How long to wait for an answer, and when to give up early. */
export interface Asking {
  /** The longest silence to accept, or 0 for no limit. */
  readonly milliseconds?: number;
  /** Cancels the request once its answer is no longer needed. */
  readonly signal?: AbortSignal;
}

/** For quick requests: a service that hangs must not delay the answers of the others. */
const PATIENCE_MILLISECONDS = 30_000;

/** How long to wait for the outcome of a command. */
const COMMAND_SECONDS = 20;

/** Who answers a public route. */
const FRONT = 'the front server';
type Answerer = ServiceName | typeof FRONT;

interface Sending extends Asking {
  readonly headers?: Readonly<Record<string, string>>;
}

/** JSON, or a file. */
type Body = object | AsyncIterable<Uint8Array> | undefined;

interface Problem {
  readonly code?: string;
  readonly detail?: string;
  readonly title?: string;
}

/**
 * Calls the operator routes of the services, and public routes, through the front server. Throws
 * {@link OperatorError}.
 */
export class OperationsClient {
  constructor(
    private readonly url: string,
    private readonly token?: string,
  ) {}

  get<T>(
    service: ServiceName,
    path: string,
    { milliseconds = PATIENCE_MILLISECONDS, ...rest }: Asking = {},
  ): Promise<T> {
    return this.ask(service, operatorPath(service, path), undefined, { milliseconds, ...rest });
  }

  /** Waits without a limit. */
  post<T>(service: ServiceName, path: string, body: object): Promise<T> {
    return this.ask(service, operatorPath(service, path), body);
  }

  /** Reads a public route, such as `flows?status=lost`. */
  read<T>(path: string): Promise<T> {
    return this.ask(FRONT, path, undefined, { milliseconds: PATIENCE_MILLISECONDS });
  }

  /** Posts to a public route of operators. */
  act<T>(path: string, body: object): Promise<T> {
    return this.ask(FRONT, path, body, { milliseconds: PATIENCE_MILLISECONDS });
  }

  /** Sends a command under an idempotency key, and waits for its outcome. */
  command<T>(path: string, body: object, key: string): Promise<T> {
    const headers = { 'idempotency-key': key, prefer: `wait=${COMMAND_SECONDS}` };
    return this.ask(FRONT, path, body, { milliseconds: PATIENCE_MILLISECONDS, headers });
  }

  /** Uploads a file to a public route, however long that takes. */
  async upload<T>(path: string, file: AsyncIterable<Uint8Array>, headers: Sending['headers']): Promise<T> {
    return this.ask(FRONT, path, file, { ...(headers && { headers }) });
  }

  /** Yields the lines of an answer as they arrive. */
  async *postLines<T>(service: ServiceName, path: string, body: object): AsyncGenerator<T> {
    const response = await this.send(service, operatorPath(service, path), body);
    yield* jsonLines<T>(partsOf(response, service));
  }

  private async ask<T>(from: Answerer, path: string, body: Body, asking?: Sending): Promise<T> {
    return (await jsonOf(await this.send(from, path, body, asking), from)) as T;
  }

  private async send(from: Answerer, path: string, body?: Body, asking?: Sending): Promise<IncomingMessage> {
    const address = `${this.url}/v1/${path}`;
    const caller = { ...(this.token !== undefined && { authorization: `Bearer ${this.token}` }) };
    const response = await open(address, caller, body, asking).catch((error: unknown) => {
      if (error instanceof OperatorError) throw error;
      throw new OperatorError(
        `nothing answers at ${this.url}: is Perdure running? (PERDURE_URL sets the address)`,
      );
    });
    const { statusCode = 0, statusMessage } = response;
    if (statusCode < 300) return response;
    const { code = `HTTP ${statusCode}`, detail, title } = (await jsonOf(response, from)) as Problem;
    throw new OperatorError(`${code}: ${detail ?? title ?? statusMessage}`);
  }
}

function operatorPath(service: ServiceName, path: string): string {
  return `operations/${service}/${path}`;
}

/**
 * Does not use `fetch`, which gives up after five minutes: moving the rows of a view may take ten.
 */
async function open(
  address: string,
  caller: Readonly<Record<string, string>>,
  body?: Body,
  { milliseconds = 0, signal, headers: more }: Sending = {},
): Promise<IncomingMessage> {
  const request = address.startsWith('https:') ? httpsRequest : httpRequest;
  const method = body ? 'POST' : 'GET';
  const type = body && { 'content-type': 'application/json' };
  const headers = { ...caller, ...type, ...more };
  return new Promise((resolve, reject) => {
    const asked = request(address, { method, headers, timeout: milliseconds, signal }, resolve);
    asked.once('timeout', () => asked.destroy(new OperatorError(`no answer in ${milliseconds / 1_000} s`)));
    asked.on('error', reject);
    if (!isFile(body)) asked.end(body && JSON.stringify(body));
    else Readable.from(body).once('error', reject).pipe(asked);
  });
}

function isFile(body: Body): body is AsyncIterable<Uint8Array> {
  return body !== undefined && Symbol.asyncIterator in body;
}

/** The JSON of an answer, or an empty object if it has none. */
async function jsonOf(response: IncomingMessage, from: Answerer): Promise<unknown> {
  let text = '';
  for await (const part of partsOf(response, from)) text += part;
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

async function* partsOf(response: IncomingMessage, from: Answerer): AsyncGenerator<string> {
  try {
    for await (const part of response.setEncoding('utf8')) yield String(part);
  } catch {
    throw new OperatorError(`${from} dropped the connection in the middle of its answer`);
  }
}

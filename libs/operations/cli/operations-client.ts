import { type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { ServiceName } from '#contracts/services.js';
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

interface Problem {
  readonly code?: string;
  readonly detail?: string;
  readonly title?: string;
}

/**
 * Calls the operator routes of the services through the front server. Throws {@link OperatorError}.
 */
export class OperationsClient {
  constructor(
    private readonly url: string,
    private readonly operator: string,
  ) {}

  get<T>(
    service: ServiceName,
    path: string,
    { milliseconds = PATIENCE_MILLISECONDS, ...rest }: Asking = {},
  ): Promise<T> {
    return this.ask(service, path, undefined, { milliseconds, ...rest });
  }

  /** Waits without a limit. */
  post<T>(service: ServiceName, path: string, body: object): Promise<T> {
    return this.ask(service, path, body);
  }

  /** Yields the lines of an answer as they arrive. */
  async *postLines<T>(service: ServiceName, path: string, body: object): AsyncGenerator<T> {
    let rest = '';
    for await (const part of partsOf(await this.send(service, path, body), service)) {
      const lines = (rest + part).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line) as T;
    }
  }

  private async ask<T>(service: ServiceName, path: string, body?: object, asking?: Asking): Promise<T> {
    return (await jsonOf(await this.send(service, path, body, asking), service)) as T;
  }

  private async send(
    service: ServiceName,
    path: string,
    body?: object,
    asking?: Asking,
  ): Promise<IncomingMessage> {
    const address = `${this.url}/v1/operations/${service}/${path}`;
    const response = await open(address, this.operator, body, asking).catch((error: unknown) => {
      if (error instanceof OperatorError) throw error;
      throw new OperatorError(
        `nothing answers at ${this.url}: is Perdure running? (PERDURE_URL sets the address)`,
      );
    });
    const { statusCode = 0, statusMessage } = response;
    if (statusCode < 300) return response;
    const { code = `HTTP ${statusCode}`, detail, title } = (await jsonOf(response, service)) as Problem;
    throw new OperatorError(`${code}: ${detail ?? title ?? statusMessage}`);
  }
}

/**
 * Does not use `fetch`, which gives up after five minutes: moving the rows of a view may take ten.
 */
async function open(
  address: string,
  operator: string,
  body?: object,
  { milliseconds = 0, signal }: Asking = {},
): Promise<IncomingMessage> {
  const request = address.startsWith('https:') ? httpsRequest : httpRequest;
  const method = body ? 'POST' : 'GET';
  const headers = { 'x-operator': operator, ...(body && { 'content-type': 'application/json' }) };
  return new Promise((resolve, reject) => {
    const asked = request(address, { method, headers, timeout: milliseconds, signal }, resolve);
    asked.once('timeout', () => asked.destroy(new OperatorError(`no answer in ${milliseconds / 1_000} s`)));
    asked.on('error', reject).end(body && JSON.stringify(body));
  });
}

/** The JSON of an answer, or an empty object if it has none. */
async function jsonOf(response: IncomingMessage, service: ServiceName): Promise<unknown> {
  let text = '';
  for await (const part of partsOf(response, service)) text += part;
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

async function* partsOf(response: IncomingMessage, service: ServiceName): AsyncGenerator<string> {
  try {
    for await (const part of response.setEncoding('utf8')) yield String(part);
  } catch {
    throw new OperatorError(`${service} dropped the connection in the middle of its answer`);
  }
}

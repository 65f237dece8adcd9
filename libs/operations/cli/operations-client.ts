import { type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { OperatorError } from './operator.errors.js';

/** The services that have operators' routes. */
export const SERVICES = ['account', 'cart', 'inventory'] as const;

export type ServiceName = (typeof SERVICES)[number];

/** How a question is asked. */
export interface Asking {
  /** The longest that nothing may come; for ever when it is 0. */
  readonly milliseconds?: number;
  /** Ends it when the answer is of no interest any more. */
  readonly signal?: AbortSignal;
}

/** For what a service has at hand: one that stands still must not keep the others waiting. */
const PATIENCE_MILLISECONDS = 30_000;

interface Problem {
  readonly code?: string;
  readonly detail?: string;
  readonly title?: string;
}

/** Asks the operators' routes of the services, through the front server. Throws {@link OperatorError}. */
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

  /** Waits for as long as it takes. */
  post<T>(service: ServiceName, path: string, body: object): Promise<T> {
    return this.ask(service, path, body);
  }

  /** What a route answers line by line, each as it comes. */
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
        `nothing answers at ${this.url}: is Perdure running? (PERDURE_URL names its address)`,
      );
    });
    const { statusCode = 0, statusMessage } = response;
    if (statusCode < 300) return response;
    const { code = `HTTP ${statusCode}`, detail, title } = (await jsonOf(response, service)) as Problem;
    throw new OperatorError(`${code}: ${detail ?? title ?? statusMessage}`);
  }
}

/** By no `fetch`: that would give up after five minutes, and to move the rows of a view may take ten. */
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

/** The JSON of an answer; an empty object of one that has none. */
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
    throw new OperatorError(`${service} broke off in the middle of its answer`);
  }
}

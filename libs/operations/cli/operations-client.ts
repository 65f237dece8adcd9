import { Readable } from 'node:stream';
import { createPerdureClient, type PerdureClient } from '#libs/client/client.js';
import type { Asking as Request } from '#libs/client/connection.js';
import { PerdureProblem } from '#libs/client/perdure-problem.js';
import type { ServiceName } from '#contracts/services.js';
import { jsonLines } from '#libs/runtime/json-lines.js';
import { OperatorError } from './operator.errors.js';
import { patientFetch } from './patient-fetch.js';

/** How long to wait for an answer, and when to give up early. */
export interface Asking {
  /** The longest time to wait, or 0 for no limit. */
  readonly milliseconds?: number;
  /** Cancels the request once its answer is no longer needed. */
  readonly signal?: AbortSignal;
}

/** For quick requests: a service that hangs must not delay the answers of the others. */
const PATIENCE_MILLISECONDS = 30_000;
const QUICK = { milliseconds: PATIENCE_MILLISECONDS };

/** How long to wait for the outcome of a command. */
const COMMAND_SECONDS = 20;

/** Who answers a public route. */
const FRONT = 'the front server';
type Answerer = ServiceName | typeof FRONT;

/**
 * Calls the operator routes of the services, and public routes, through the front server. Throws
 * {@link OperatorError}.
 */
export class OperationsClient {
  private readonly client: PerdureClient;

  constructor(
    private readonly url: string,
    token?: string,
  ) {
    // The operator is told at once what is away, and some requests take minutes.
    const retries = { attempts: 1 };
    this.client = createPerdureClient({ url, token, retries, patienceMilliseconds: 0, fetch: patientFetch });
  }

  get<T>(service: ServiceName, path: string, { milliseconds, ...rest }: Asking = QUICK): Promise<T> {
    const asking = { milliseconds: milliseconds ?? PATIENCE_MILLISECONDS, ...rest };
    return this.ask(service, operatorPath(service, path), asking);
  }

  /** Waits without a limit. */
  post<T>(service: ServiceName, path: string, body: object): Promise<T> {
    return this.ask(service, operatorPath(service, path), { method: 'POST', body });
  }

  /** Reads a public route, such as `flows?status=lost`. */
  read<T>(path: string): Promise<T> {
    return this.ask(FRONT, path, QUICK);
  }

  /** Posts to a public route of operators. */
  act<T>(path: string, body: object): Promise<T> {
    return this.ask(FRONT, path, { ...QUICK, method: 'POST', body });
  }

  /** Sends a command under an idempotency key, and waits for its outcome. */
  command<T>(path: string, body: object, key: string): Promise<T> {
    const headers = { 'idempotency-key': key, prefer: `wait=${COMMAND_SECONDS}` };
    return this.ask(FRONT, path, { ...QUICK, method: 'POST', body, headers });
  }

  /** Uploads a file to a public route, however long that takes. */
  async upload<T>(path: string, file: AsyncIterable<Uint8Array>, headers: Request['headers']): Promise<T> {
    const content = Readable.toWeb(Readable.from(file)) as ReadableStream<Uint8Array>;
    return this.ask(FRONT, path, { method: 'POST', content, ...(headers && { headers }) });
  }

  /** Yields the lines of an answer as they arrive. */
  async *postLines<T>(service: ServiceName, path: string, body: object): AsyncGenerator<T> {
    const response = await this.send(operatorPath(service, path), { method: 'POST', body });
    if (response.body) yield* jsonLines<T>(partsOf(response.body, service));
  }

  private async ask<T>(from: Answerer, path: string, asking: Request & Asking): Promise<T> {
    const response = await this.send(path, asking);
    let text = '';
    const parts = response.body?.pipeThrough(new TextDecoderStream()) ?? [];
    for await (const part of partsOf(parts as AsyncIterable<string>, from)) text += part;
    return JSON.parse(text === '' ? '{}' : text) as T;
  }

  private async send(path: string, { milliseconds = 0, ...asking }: Request & Asking): Promise<Response> {
    const limit = milliseconds > 0 ? [AbortSignal.timeout(milliseconds)] : [];
    const signals = [...limit, ...(asking.signal ? [asking.signal] : [])];
    const signal = signals.length > 0 ? AbortSignal.any(signals) : undefined;
    try {
      return await this.client.request(`/v1/${path}`, { ...asking, signal });
    } catch (error) {
      if (error instanceof PerdureProblem && error.status !== 0) throw new OperatorError(error.message);
      if (limit[0]?.aborted) throw new OperatorError(`no answer in ${milliseconds / 1_000} s`);
      throw new OperatorError(
        `nothing answers at ${this.url}: is Perdure running? (PERDURE_URL sets the address)`,
      );
    }
  }
}

function operatorPath(service: ServiceName, path: string): string {
  return `operations/${service}/${path}`;
}

async function* partsOf<Part>(parts: AsyncIterable<Part>, from: Answerer): AsyncGenerator<Part> {
  try {
    yield* parts;
  } catch {
    throw new OperatorError(`${from} dropped the connection in the middle of its answer`);
  }
}

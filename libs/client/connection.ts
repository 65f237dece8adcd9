import type { Query } from './client.types.js';
import { CLIENT_CODES, PerdureProblem, problemIn } from './perdure-problem.js';
import { isPassing, pause, pauseAfter, type Retries } from './retries.js';

/** A credential: an access token or an API key; or what returns the current one. */
export type Token = string | (() => string | undefined | Promise<string | undefined>);

/** Where Perdure is, and how it is asked. */
export interface ConnectionOptions {
  /** Such as `http://127.0.0.1:3000`. Empty: where the page comes from. */
  readonly url: string;
  /** Sent as a bearer token, and asked for again at each attempt. */
  readonly token?: Token | undefined;
  readonly retries?: Retries;
  /** How long an answer may take to begin; 0 for no limit. Default: 45 s. */
  readonly patienceMilliseconds?: number;
  /** Another `fetch`, for clients with needs of their own. */
  readonly fetch?: Fetch;
}

/** What this client needs of `fetch`. */
export type Fetch = (url: string, init: FetchInit) => Promise<Response>;

/** What is sent as it is. */
type Content = Blob | ReadableStream<Uint8Array>;

/** One request. */
export interface FetchInit {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Content;
  /** Browsers and Node.js ask for it if the body is a stream. */
  readonly duplex?: 'half';
  readonly signal: AbortSignal;
}

/** A request without its address. */
export interface Asking {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly query?: Query;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is: a file. Its type is in `headers`. */
  readonly content?: Content;
  readonly signal?: AbortSignal | undefined;
  /** Whether a repeat does no harm. Default: only for `GET`. */
  readonly isSafe?: boolean;
}

/** An answer with its JSON. */
interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** Longer than the longest `Prefer: wait`. */
const PATIENCE_MILLISECONDS = 45_000;

/** Sends requests, retries those that may be repeated, and throws {@link PerdureProblem}. */
export class Connection {
  readonly retries: Retries;
  private readonly fetch: Fetch;

  constructor(private readonly options: ConnectionOptions) {
    this.retries = options.retries ?? {};
    // Browsers insist on their own `this`.
    this.fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
  }

  /** The answer to a request, if its status is below 300. */
  async request(path: string, asking: Asking = {}): Promise<Response> {
    const { method = 'GET', isSafe = method === 'GET', signal } = asking;
    for (let attempt = 1; ; attempt += 1) {
      const answered = await this.attempt(path, method, asking);
      if (!(answered instanceof PerdureProblem) && answered.ok) return answered;
      const problem = answered instanceof PerdureProblem ? answered : await problemIn(answered);
      const mayRepeat = isSafe && (problem.status === 0 || isPassing(problem.status));
      const wait = mayRepeat ? pauseAfter(attempt, this.retries, problem.retryAfterSeconds) : undefined;
      if (wait === undefined) throw problem;
      await pause(wait, signal);
    }
  }

  /** The JSON of an answer. An answer that is interrupted is asked for again. */
  async json<Body>(path: string, asking: Asking = {}): Promise<Answer<Body>> {
    for (let attempt = 1; ; attempt += 1) {
      const response = await this.request(path, asking);
      try {
        const text = await response.text();
        const body = (text === '' ? undefined : JSON.parse(text)) as Body;
        return { status: response.status, headers: response.headers, body };
      } catch (error) {
        asking.signal?.throwIfAborted();
        const { method = 'GET', isSafe = method === 'GET' } = asking;
        const wait = isSafe ? pauseAfter(attempt, this.retries) : undefined;
        if (wait === undefined) throw unreachable('the answer broke off', error);
        await pause(wait, asking.signal);
      }
    }
  }

  private async attempt(path: string, method: string, asking: Asking): Promise<Response | PerdureProblem> {
    const { body, content, query, signal } = asking;
    const token = await this.token();
    const headers = withoutUndefined({
      authorization: token === undefined ? undefined : `Bearer ${token}`,
      'content-type': body === undefined ? undefined : 'application/json',
      ...asking.headers,
    });
    const { url, patienceMilliseconds = PATIENCE_MILLISECONDS } = this.options;
    const silence = new AbortController();
    const timer = patienceMilliseconds > 0 && setTimeout(() => silence.abort(), patienceMilliseconds);
    const init = {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(content && { body: content, duplex: 'half' as const }),
      signal: signal ? AbortSignal.any([signal, silence.signal]) : silence.signal,
    };
    try {
      return await this.fetch(`${url}${path}${queryOf(query)}`, init);
    } catch (error) {
      signal?.throwIfAborted();
      return unreachable(`nothing answers at ${url || 'the address of this page'}`, error);
    } finally {
      if (timer) clearTimeout(timer);
    }
  }

  private async token(): Promise<string | undefined> {
    const { token } = this.options;
    return typeof token === 'function' ? token() : token;
  }
}

function unreachable(detail: string, cause: unknown): PerdureProblem {
  return new PerdureProblem(0, { code: CLIENT_CODES.unreachable, detail }, undefined, { cause });
}

function queryOf(query: Query = {}): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, String(value));
  const text = given.toString();
  return text === '' ? '' : `?${text}`;
}

function withoutUndefined(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

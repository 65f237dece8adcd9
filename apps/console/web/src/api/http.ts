import { authorization } from './session.js';

/** A mistake at one place of a request, as a problem names it. */
export interface FieldError {
  readonly pointer?: string;
  readonly parameter?: string;
  readonly header?: string;
  readonly detail: string;
}

/** What an answer other than 2xx says, or that there was none (`status` 0). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly errors: readonly FieldError[] = [],
    readonly traceId?: string,
  ) {
    super(`${code}: ${detail || title}`);
  }

  /** The service, or something that it needs, does not answer. */
  get isAway(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

/** An answer with its body. */
export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

const PATIENCE_MILLISECONDS = 40_000;

/** Sends a request as the chosen user. Throws `Problem` for anything but 2xx. */
export async function request<T>(path: string, init: RequestInit = {}): Promise<Answer<T>> {
  const reply = await reach(path, {
    ...init,
    signal: init.signal ?? AbortSignal.timeout(PATIENCE_MILLISECONDS),
  });
  if (!reply.ok) throw await problemOf(reply);
  const text = await reply.text();
  return { status: reply.status, headers: reply.headers, body: (text === '' ? {} : JSON.parse(text)) as T };
}

/** The body of a GET request. */
export async function read<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await request<T>(path, signal ? { signal } : {})).body;
}

/** Sends JSON, as a command does. */
export function send<T>(
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<T>> {
  return request<T>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

/** Sends a request as the chosen user. Throws `Problem` with the status 0 if nothing answers. */
export async function reach(path: string, init: RequestInit): Promise<Response> {
  const headers = { ...(await authorization()), ...(init.headers as Record<string, string> | undefined) };
  try {
    return await fetch(path, { ...init, headers });
  } catch (error) {
    if (init.signal?.aborted && (error as Error).name === 'AbortError') throw error;
    throw new Problem(0, 'NO_ANSWER', 'No answer', 'The front server does not answer.');
  }
}

/** Reads the problem that an answer holds. */
export async function problemOf(reply: Response): Promise<Problem> {
  const body = (await reply.json().catch(() => ({}))) as Record<string, unknown>;
  const text = (name: string): string => (typeof body[name] === 'string' ? body[name] : '');
  return new Problem(
    reply.status,
    text('code') || `HTTP ${reply.status}`,
    text('title') || reply.statusText,
    text('detail'),
    Array.isArray(body['errors']) ? (body['errors'] as FieldError[]) : [],
    text('traceId') || undefined,
  );
}

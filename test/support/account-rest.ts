import { setTimeout as pause } from 'node:timers/promises';
import { authorized } from '#libs/testing/authorized.js';

/** A reply with its body. `status` 0 means no answer at all. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/**
 * One request, of a user with all roles. It never throws for a broken connection, which is an
 * unknown outcome, as a client sees it.
 */
export async function request(url: string, init: RequestInit = {}): Promise<Reply> {
  try {
    const headers = { ...authorized(), ...(init.headers as Record<string, string> | undefined) };
    const response = await fetch(url, { signal: AbortSignal.timeout(20_000), ...init, headers });
    const text = await response.text();
    const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    return { status: response.status, headers: response.headers, body };
  } catch {
    return { status: 0, headers: new Headers(), body: {} };
  }
}

/** Reads an address, and retries on a 503 or a broken connection. */
export function read(url: string): Promise<Reply> {
  return eventually(
    () => request(url),
    ({ status }) => status !== 0 && status !== 503,
  );
}

/** Sends a command to an account. */
export function command(
  url: string,
  account: string,
  name: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<Reply> {
  return post(`${url}/v1/accounts/${account}/${name}`, body, headers);
}

/** Sends a command to the entity at an address. */
export function post(url: string, body: object, headers: Record<string, string> = {}): Promise<Reply> {
  return request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

/** Longer than everything takes to come back on a loaded machine. */
const INSISTENCE_MILLISECONDS = 300_000;

/**
 * Sends a command under a key repeatedly until it is answered 2xx, like a careful client. Fails
 * with the last answer if that takes too long.
 */
export async function insistOn(
  url: string,
  key: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const deadline = Date.now() + INSISTENCE_MILLISECONDS;
  for (;;) {
    const reply = await post(url, body, { 'idempotency-key': key, ...headers });
    if (reply.status >= 200 && reply.status < 300) return reply;
    const answered = `${key}: ${url} was answered ${reply.status}: ${JSON.stringify(reply.body)}`;
    if (reply.status !== 0 && reply.status < 500 && reply.status !== 429) throw new Error(answered);
    if (Date.now() > deadline) throw new Error(`${answered}, after ${INSISTENCE_MILLISECONDS} ms still`);
    await pause(250);
  }
}

/** The same for a command to an account. */
export function insist(
  url: string,
  account: string,
  name: string,
  key: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<Reply> {
  return insistOn(`${url}/v1/accounts/${account}/${name}`, key, body, headers);
}

/** Polls until `isDone`, or fails with the last answer. */
export async function eventually<T>(
  ask: () => Promise<T>,
  isDone: (answer: T) => boolean,
  milliseconds = 60_000,
  between = 250,
): Promise<T> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const answer = await ask();
    if (isDone(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`still not so: ${JSON.stringify({ answer }).slice(0, 2_000)}`);
    await pause(between);
  }
}

/** Waits until all of these addresses answer 200, as after a kill of what serves them. */
export async function allAnswer(addresses: readonly string[], milliseconds?: number): Promise<void> {
  for (const address of addresses) {
    await eventually(
      () => request(address),
      ({ status }) => status === 200,
      milliseconds,
    );
  }
}

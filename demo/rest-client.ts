import { setTimeout as pause } from 'node:timers/promises';
import { DemoError } from './demo.errors.js';

const WAIT_SECONDS = 30;
const ATTEMPTS = 60;

/** The result of a command: accepted, decided, or already decided for an earlier request. */
export type Answer = 'taken' | 'first' | 'replayed';

/** What the demo needs of the services: plain REST, as any client would use it. */
export class RestClient {
  private readonly authorized: Readonly<Record<string, string>>;

  constructor(
    private readonly url: string,
    token?: string,
  ) {
    this.authorized = token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  /** Sends a command under a key, without waiting for its outcome. */
  async send(path: string, key: string, body: object): Promise<void> {
    await this.insist(path, () => this.post(path, { 'idempotency-key': key }, body));
  }

  /** The same, and waits for its outcome. */
  async execute(path: string, key: string, body: object): Promise<Answer> {
    const headers = { 'idempotency-key': key, prefer: `wait=${WAIT_SECONDS}` };
    const reply = await this.insist(path, async () => {
      const answered = await this.post(path, headers, body);
      // Not decided in time. Under the same key it is the same command.
      return answered.status === 202 ? discard(answered) : answered;
    });
    return reply.headers.has('idempotent-replayed') ? 'replayed' : 'first';
  }

  async get<T>(path: string): Promise<T> {
    const reply = await this.insist(path, () => this.read(path));
    return (await reply.json()) as T;
  }

  /** The same for something that may not exist yet. */
  async find<T>(path: string): Promise<T | undefined> {
    const reply = await this.insist(path, () => this.read(path), [404]);
    return reply.status === 404 ? discard(reply) : ((await reply.json()) as T);
  }

  private read(path: string): Promise<Response> {
    return fetch(`${this.url}${path}`, { headers: this.authorized });
  }

  private post(path: string, headers: Record<string, string>, body: object): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method: 'POST',
      headers: { ...this.authorized, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  }

  /** Retries while the service does not respond, is busy, or is unavailable. */
  private async insist(
    path: string,
    ask: () => Promise<Response | undefined>,
    expected: readonly number[] = [],
  ): Promise<Response> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const reply = await ask().catch(() => undefined);
      if (reply && (reply.ok || expected.includes(reply.status))) return reply;
      if (reply && reply.status < 500 && reply.status !== 429) {
        throw new DemoError(`${path} was answered ${reply.status}: ${await reply.text()}`);
      }
      const seconds = Number(reply?.headers.get('retry-after') ?? 1);
      if (reply) await discard(reply);
      await pause(seconds * 1_000);
    }
    throw new DemoError(`${this.url} did not answer ${path} in ${ATTEMPTS} attempts`);
  }
}

/** An unread body would keep its connection. */
async function discard(reply: Response): Promise<undefined> {
  await reply.arrayBuffer();
  return undefined;
}

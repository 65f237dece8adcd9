import { setTimeout as pause } from 'node:timers/promises';
import { DemoError } from './demo.errors.js';

const WAIT_SECONDS = 30;
const ATTEMPTS = 60;

/** What became of a command: it is on its way, was decided, or had been by an earlier send. */
export type Answer = 'taken' | 'first' | 'replayed';

/** What the demo needs of the services: plain REST, as any client would use it. */
export class RestClient {
  constructor(private readonly url: string) {}

  /** Sends a command under a key, without waiting for its outcome. */
  async send(path: string, key: string, body: object): Promise<void> {
    await this.insist(path, () => this.post(path, { 'idempotency-key': key }, body));
  }

  /** The same, and waits for its outcome. */
  async execute(path: string, key: string, body: object): Promise<Answer> {
    const headers = { 'idempotency-key': key, prefer: `wait=${WAIT_SECONDS}` };
    const reply = await this.insist(path, async () => {
      const answered = await this.post(path, headers, body);
      // Not decided in that time: under the same key it is the same command.
      return answered.status === 202 ? discard(answered) : answered;
    });
    return reply.headers.has('idempotent-replayed') ? 'replayed' : 'first';
  }

  async get<T>(path: string): Promise<T> {
    const reply = await this.insist(path, () => fetch(`${this.url}${path}`));
    return (await reply.json()) as T;
  }

  /** The same for what may not be there yet. */
  async find<T>(path: string): Promise<T | undefined> {
    const reply = await this.insist(path, () => fetch(`${this.url}${path}`), [404]);
    return reply.status === 404 ? discard(reply) : ((await reply.json()) as T);
  }

  private post(path: string, headers: Record<string, string>, body: object): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  }

  /** Asks again as long as nobody answers, or the service is busy or away. */
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

/** A body that nobody reads would keep its connection. */
async function discard(reply: Response): Promise<undefined> {
  await reply.arrayBuffer();
  return undefined;
}

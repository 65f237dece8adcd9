import { setTimeout as pause } from 'node:timers/promises';
import { DemoError } from './demo.errors.js';

const WAIT_SECONDS = 30;
const ATTEMPTS = 30;

/** What the demo needs of the service: plain REST, as any client would use it. */
export class AccountClient {
  constructor(private readonly url: string) {}

  /**
   * Sends a command under a key and waits for its outcome. Repeats it as long as the service is busy or away: under the
   * same key that is the same command.
   */
  async command(account: string, name: string, key: string, body: object): Promise<'first' | 'replayed'> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const response = await this.post(`/v1/accounts/${account}/${name}`, key, body);
      if (response?.ok && response.status !== 202) {
        await response.arrayBuffer();
        return response.headers.has('idempotent-replayed') ? 'replayed' : 'first';
      }
      if (response && response.status !== 202 && response.status !== 429 && response.status < 500) {
        throw new DemoError(
          `${name} for ${account} was answered ${response.status}: ${await response.text()}`,
        );
      }
      const seconds = Number(response?.headers.get('retry-after') ?? 1);
      await response?.arrayBuffer();
      await pause(seconds * 1_000);
    }
    throw new DemoError(`${this.url} did not take ${name} for ${account} in ${ATTEMPTS} attempts`);
  }

  /** The live state of an account. */
  async account(id: string): Promise<{ captured: { count: number; amount: number } }> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const response = await fetch(`${this.url}/v1/accounts/${id}`).catch(() => undefined);
      if (response?.ok) return (await response.json()) as { captured: { count: number; amount: number } };
      await response?.arrayBuffer();
      await pause(1_000);
    }
    throw new DemoError(`${this.url} does not show ${id}`);
  }

  private async post(path: string, key: string, body: object): Promise<Response | undefined> {
    try {
      return await fetch(`${this.url}${path}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'idempotency-key': key,
          prefer: `wait=${WAIT_SECONDS}`,
        },
        body: JSON.stringify(body),
      });
    } catch {
      return undefined;
    }
  }
}

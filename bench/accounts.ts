import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { streamName } from '#libs/core/entity-id.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { lastRevision } from '#libs/event-store/stream-end.js';
import { eachOf } from '#libs/runtime/each-of.js';
import type { Entities } from './entities.js';

const OPENED_AT_A_TIME = 8;
const BUSY_MILLISECONDS = 100;
const BODY = JSON.stringify({ amount: 1 });
const WAITING = { prefer: 'wait=30' };

export interface AccountsOptions {
  /** Of the account service. */
  readonly url: string;
  readonly token: string;
  readonly store: EventStore;
}

/** Opens accounts, which are sent deposits through REST. */
export async function openAccounts(
  { url, token, store }: AccountsOptions,
  prefix: string,
  count: number,
): Promise<Entities> {
  const names = Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
  const door = new Door(url, token);
  await eachOf(names, OPENED_AT_A_TIME, (owner) =>
    door.post(owner, 'open', JSON.stringify({ owner, currency: 'EUR' }), WAITING),
  );
  return {
    names,
    send: (name) => door.post(name, 'deposit', BODY),
    execute: (name) => door.post(name, 'deposit', BODY, WAITING),
    handled: (name) => lastRevision(store, streamName('account', name)),
  };
}

/** `fetch` costs the measured machine twice as much as this. */
class Door {
  private readonly agent = new Agent({ keepAlive: true });

  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  /** Sends a command, again while the service is busy. Throws if it is not accepted. */
  async post(account: string, command: string, body: string, headers = {}): Promise<void> {
    for (;;) {
      const status = await this.statusOf(`${this.url}/v1/accounts/${account}/${command}`, body, headers);
      const isTaken = status === 202 && Object.keys(headers).length === 0;
      if (isTaken || status === 200 || status === 201) return;
      if (status !== 429 && status !== 503) throw new Error(`${command} was answered ${status}`);
      await pause(BUSY_MILLISECONDS);
    }
  }

  private statusOf(url: string, body: string, headers: object): Promise<number> {
    const { agent } = this;
    const sent = {
      authorization: `Bearer ${this.token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      ...headers,
    };
    return new Promise((resolve, reject) => {
      const asked = request(url, { method: 'POST', agent, headers: sent }, (reply) => {
        reply.resume().once('end', () => resolve(reply.statusCode ?? 0));
      });
      asked.once('error', reject).end(body);
    });
  }
}

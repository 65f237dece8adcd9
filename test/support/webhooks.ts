import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { testHome } from '#tools/dev-stack/kill-server.js';
import type { Reply } from './account-rest.js';
import { url } from './shop.js';

/** A webhook of the provider `card`. */
export interface SentWebhook {
  /** Of what it tells about. Default: a new one. */
  readonly key?: string;
  readonly id?: string;
  readonly body?: object;
  /** In seconds. */
  readonly age?: number;
  /** What is sent instead of what was signed. */
  readonly tampered?: string;
}

/** Sends a webhook through the front server, signed by the package of the specification. */
export async function sendWebhook({
  key = randomUUID(),
  id = randomUUID(),
  age = 0,
  ...more
}: SentWebhook): Promise<Reply> {
  const secret = readFileSync(join(String(process.env[testHome]), 'webhook-secret'), 'utf8').trim();
  const text = JSON.stringify(more.body ?? { id: key, state: 'succeeded' });
  const at = new Date(Date.now() - age * 1_000);
  const reply = await fetch(url('/v1/callbacks/card'), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': new Webhook(secret).sign(id, at, text),
    },
    body: more.tampered ?? text,
  });
  const body = (await reply.json()) as Record<string, unknown>;
  return { status: reply.status, headers: reply.headers, body };
}

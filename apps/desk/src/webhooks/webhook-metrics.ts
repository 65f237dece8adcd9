import { Counter } from 'prom-client';

/** What became of a webhook. */
type WebhookOutcome = 'accepted' | 'repeated' | 'pending' | 'rejected' | 'failed' | 'refused';

const webhooks = new Counter({
  name: 'perdure_webhooks_total',
  help: 'Webhooks by provider: accepted, repeated, pending (answered 503), rejected by the callback, failed because a server was away, or refused for their signature, age, size or form',
  labelNames: ['provider', 'outcome'],
});

/** Counts a webhook of a configured provider. */
export function countWebhook(provider: string, outcome: WebhookOutcome): void {
  webhooks.inc({ provider, outcome });
}

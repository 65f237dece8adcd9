import { MOST_HITS } from '#contracts/search.js';
import { callbackId } from '#contracts/callback/callback.kind.js';
import { entityLink, type SearchSource } from '#libs/api/search/search-source.js';
import { extentOf } from '#libs/identity/policy.js';
import { callbackList } from '../read-model/callbacks/callbacks.queries.js';
import { callbackMessagesTable } from '../read-model/callbacks/callbacks.projection.js';

interface Found {
  readonly id: string;
  readonly provider: string;
  readonly webhook_id: string;
  readonly status: string;
  readonly received_at: Date;
}

/** Webhooks by their own ids, and by what they are about, such as an order. */
export function webhookSearch(providers: readonly string[]): SearchSource {
  return async (pool, { q, caller }) => {
    if (extentOf(callbackList.allow, caller) !== 'full') return [];
    const { rows } = await pool.query<Found>({
      name: 'search webhooks',
      text: `SELECT id, provider, webhook_id, status, received_at
             FROM read_model.${callbackMessagesTable.name}
             WHERE tenant = $1 AND (webhook_id = $2 OR id = ANY ($3))
             ORDER BY received_at DESC LIMIT $4`,
      values: [caller.tenant, q, providers.map((provider) => callbackId(provider, q)), MOST_HITS],
    });
    return rows.map(({ id, provider, webhook_id: webhookId, status, received_at: at }) => ({
      kind: 'webhook',
      id,
      title: `webhook ${webhookId} of ${provider}`,
      detail: status,
      at: at.toISOString(),
      link: entityLink('callback', id),
    }));
  };
}

import { z } from 'zod';
import type { CallbackEvent } from '#contracts/callback/callback.contract.js';
import { messageNumber, provider, webhookId } from '#contracts/callback/callback.fields.js';
import { code, entityId, ownerStream, recordedAt, tenant } from '#contracts/fields.js';
import { shown, viewTable } from '#contracts/view-table.js';
import type { PublishedEvent } from '#libs/core/published-event.js';
import { defineView } from '#libs/core/view-definition.js';

/** The status of a message. */
const messageStatus = z.enum(['unclaimed', 'delivering', 'claimed', 'discarded']);

/** One row per message. What the provider sent is in the events only. */
export const callbackMessagesTable = viewTable('callback_messages_v1', {
  key: ['tenant', 'id', 'n'],
  owner: 'id',
  indexes: [
    'btree (received_at, tenant, id, n)',
    'btree (tenant, received_at, id, n)',
    'btree (status, received_at, tenant, id, n)',
    'btree (provider, received_at, tenant, id, n)',
    'hash (webhook_id)',
  ],
  fillfactor: 80,
  description: 'A message of a provider as the read model shows it, up to `revision`',
  row: {
    tenant: shown('id', tenant),
    id: shown('id', entityId),
    n: shown('bigint', messageNumber),
    provider: shown('text', provider),
    webhookId: shown('text', webhookId),
    status: shown('text', messageStatus),
    waiter: shown(
      'text?',
      ownerStream.meta({ description: 'The entity or flow that took or refused it, or is getting it' }),
    ),
    refusal: shown('text?', code.meta({ description: 'The code with which it was refused last' })),
    receivedAt: shown('timestamptz', recordedAt),
    endedAt: shown('timestamptz?', recordedAt),
    revision: shown('bigint', z.int().min(0)),
  },
});

interface ListedMessage {
  readonly n: number;
  readonly provider: string;
  readonly webhookId: string;
  readonly status: z.output<typeof messageStatus>;
  readonly waiter?: string;
  readonly refusal?: string;
  readonly receivedAt: string;
  readonly endedAt?: string;
}

/** Columns that a row may leave empty. */
const NONE = { waiter: undefined, refusal: undefined, endedAt: undefined };

const tables = { messages: callbackMessagesTable };

export const callbackMessagesView = defineView<readonly ListedMessage[], CallbackEvent, typeof tables>({
  name: 'callback-messages',
  version: 1,
  category: 'callback',
  tables,
  initialState: [],
  project(before, event) {
    const message = messageAfter(before, event);
    if (!message) return { state: before, rows: {} };
    const { tenant: ofTenant, entityId: id, revision } = event;
    const others = before.filter(({ n }) => n !== message.n);
    return {
      // What has ended never changes again.
      state: message.endedAt === undefined ? [...others, message] : others,
      rows: { messages: [{ ...NONE, tenant: ofTenant, id, ...message, revision }] },
    };
  },
});

function messageAfter(
  before: readonly ListedMessage[],
  event: PublishedEvent<CallbackEvent>,
): ListedMessage | undefined {
  if (event.type === 'CallbackReceived') {
    const { payload: _, ...message } = event.data;
    return { ...message, status: 'unclaimed' };
  }
  if (!('n' in event.data)) return undefined;
  const { n } = event.data;
  const message = before.find((one) => one.n === n);
  return message && { ...message, ...changeBy(event) };
}

function changeBy({ type, data, at }: PublishedEvent<CallbackEvent>): Partial<ListedMessage> {
  switch (type) {
    case 'CallbackAssigned':
      return { status: 'delivering', waiter: data.to };
    case 'CallbackClaimed':
      return { status: 'claimed', endedAt: at };
    case 'CallbackRefused':
      return { status: 'unclaimed', refusal: data.code };
    case 'CallbackDiscarded':
      return { status: 'discarded', endedAt: at };
    default:
      return {};
  }
}

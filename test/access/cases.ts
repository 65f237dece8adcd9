import { ROLES } from '#contracts/access.js';
import type { DomainEvent } from '#libs/core/decider.js';
import { streamName } from '#libs/core/entity-id.js';
import type { JsonObject } from '#libs/core/json.js';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems } from '#libs/core/problems.js';
import { Authenticator } from '#libs/identity/authenticator.js';
import type { Caller } from '#libs/identity/caller.js';
import { historyOf } from '#libs/testing/history.js';
import type { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { moment } from '#libs/testing/moments.js';
import { allServices } from '../support/all-services.js';

/** The services of which every case is one. */
export const services = allServices();
/** The categories, and where each has its routes. */
export const categories = services.flatMap(({ entities }) =>
  entities.map(({ contract: { name, plural } }) => [name, `/v1/${plural}`] as const),
);
const ALL_ROLES = Object.keys(ROLES);
const OTHER_TENANT = 'acme';

const user = (id: string, roles: readonly string[], tenant = 'default'): Caller => {
  return { tenant, id, kind: 'user', roles };
};
/** Nobody, customers, holders of one role each here and in another tenant, and holders of all. */
export const callers: readonly (Caller | undefined)[] = [
  undefined,
  user('alice', []),
  user('bob', []),
  user('mallory', ['admin', 'role:teller', 'owner', 'anyone']),
  ...ALL_ROLES.map((role) => user(`${role}-1`, [role])),
  { ...user('key:1', ['teller']), kind: 'api-key' },
  { ...user('service:shop', ['storefront']), kind: 'service' },
  user('all', ALL_ROLES),
  user('alice', [], OTHER_TENANT),
  ...ALL_ROLES.map((role) => user(`${role}-2`, [role], OTHER_TENANT)),
];

/** What the path of a case names. `theirs` belongs to the Alice of another tenant. */
export const OBJECTS = ['mine', 'others', 'theirs', 'ghost'] as const;
export type ObjectName = (typeof OBJECTS)[number];

const at = moment();
const flowStartedBy = (startedBy: string, input: JsonObject): DomainEvent => {
  return { type: 'FlowStarted', data: { input, execution: 'unknown', startedBy, at } };
};
const ownedBy = (owner: string): Readonly<Record<string, DomainEvent>> => ({
  approval: {
    type: 'ApprovalRequested',
    data: {
      subject: 'Order o-7',
      content: {},
      contentHash: '0'.repeat(64),
      requester: owner,
      candidates: ['user:zoe'],
      needed: 1,
      deadline: '2999-01-01T00:00:00.000Z',
    },
  },
  callback: {
    type: 'CallbackReceived',
    data: { n: 1, provider: 'card', webhookId: 'w-1', payload: {}, receivedAt: at },
  },
  account: { type: 'AccountOpened', data: { owner, currency: 'EUR' } },
  cart: { type: 'CartCreated', data: { customerId: owner, changedAt: at } },
  checkout: {
    type: 'SagaStarted',
    data: {
      id: 'c:checkout-1',
      input: {
        cartId: 'c',
        checkoutId: 'checkout-1',
        customerId: owner,
        accountId: 'a',
        currency: 'EUR',
        lines: [],
        total: 0,
      },
      at,
      deadline: '2999-01-01T00:00:00.000Z',
    },
  },
  inventory: { type: 'StockReceived', data: { quantity: 1 } },
  transfer: {
    type: 'SagaStarted',
    data: {
      id: 't',
      input: { from: 'a', to: 'b', amount: 1, currency: 'EUR' },
      startedBy: owner,
      at,
      deadline: '2999-01-01T00:00:00.000Z',
    },
  },
  cardPayment: flowStartedBy(owner, {
    reference: 'r',
    amount: 1,
    currency: 'EUR',
    card: 'tok_visa',
    settleAfter: '24h',
  }),
  approvalMail: flowStartedBy(owner, { approval: 'a', people: ['user:zoe'] }),
  cardOperation: flowStartedBy(owner, { operation: 'undo', payment: 'p' }),
  fulfilment: flowStartedBy(owner, { order: 'o', customerId: 'c', lines: [], timeout: '30d' }),
  interestRun: flowStartedBy(owner, { rateBasisPoints: 250, dayCount: 'actual/365' }),
  lowStockDigest: flowStartedBy(owner, { to: 'alice@example.com' }),
  stockImport: flowStartedBy(owner, { format: 'csv', hash: '0'.repeat(64), bytes: 1 }),
  cartReminder: flowStartedBy(owner, { cart: 'c', to: 'alice@example.com', after: '24h' }),
});

/** The credential of a caller. */
export const credentialOf = (caller: Caller) => {
  return `Bearer ${Buffer.from(JSON.stringify(caller)).toString('base64url')}`;
};

/** Takes a credential for the caller that it names. */
export class GivenCaller extends Authenticator {
  async authenticate({ authorization }: { readonly authorization?: string }): Promise<Caller> {
    if (authorization === undefined) throw new ProblemError(problems.unauthenticated, 'no credential');
    const text = Buffer.from(authorization.slice('Bearer '.length), 'base64url').toString();
    return JSON.parse(text) as Caller;
  }
}

/** The tenant of an object. */
export const tenantOf = (object: ObjectName) => (object === 'theirs' ? OTHER_TENANT : 'default');

/** Writes an entity of each category for each object, but for the ghost. */
export async function fill(store: MemoryEventStore): Promise<void> {
  for (const [id, owner] of [
    ['mine', 'alice'],
    ['others', 'carol'],
    ['theirs', 'alice'],
  ] as const) {
    for (const [category, event] of Object.entries(ownedBy(owner))) {
      const stream = streamName(category, id, tenantOf(id));
      await store.append(stream, -1, historyOf(stream, [event]));
    }
  }
}

type Expected = 'unauthenticated' | 'denied' | 'admitted' | 'as if it did not exist';

/**
 * The answer for which a line of the table asks. Without an object, the case is about none in
 * particular.
 */
export function expected(line: string, caller: Caller | undefined, object?: ObjectName): Expected {
  if (line === 'public') return 'admitted';
  if (!caller) return 'unauthenticated';
  const grants = line.split(' ');
  const held = caller.roles.filter((role) => {
    return role === 'operator' ? caller.tenant === 'default' : ALL_ROLES.includes(role);
  });
  const isGranted = grants.includes('anyone') || held.some((role) => grants.includes(role));
  if (!isGranted && !grants.includes('owner')) return 'denied';
  if (object === undefined) return 'admitted';
  if (!isIn(caller, object)) return 'as if it did not exist';
  const isOwner = caller.id === 'alice' && (object === 'mine' || object === 'theirs');
  return isGranted || isOwner ? 'admitted' : 'as if it did not exist';
}

/** Whether the object is one of the caller's tenant. */
export function isIn(caller: Caller | undefined, object: ObjectName): boolean {
  return object !== 'ghost' && caller?.tenant === tenantOf(object);
}

/** Text of an answer, without what is new in each, and without the name of the object. */
export function withoutNames(text: string, object: ObjectName): string {
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}/g, '<random>')
    .replaceAll(/\d{4}-\d\d-\d\dT[0-9:.]+Z/g, '<time>')
    .replaceAll(object, '<object>');
}

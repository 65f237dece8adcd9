import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ROLES } from '#contracts/access.js';
import { openApiDocument } from '#libs/api/documents/openapi.js';
import type { DomainEvent } from '#libs/core/decider.js';
import { streamName } from '#libs/core/entity-id.js';
import type { JsonObject } from '#libs/core/json.js';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems } from '#libs/core/problems.js';
import { Authenticator } from '#libs/identity/authenticator.js';
import type { Caller } from '#libs/identity/caller.js';
import { apiKeysDocument } from '#libs/operations/api-keys/api-keys.openapi.js';
import { doctorDocument } from '#libs/operations/doctor/doctor.openapi.js';
import { relaysDocument } from '#libs/operations/relays/relays.openapi.js';
import { viewOperationsDocument } from '#libs/operations/views/view-operations.openapi.js';
import type { Service } from '#libs/service/service.js';
import { historyOf } from '#libs/testing/history.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { moment } from '#libs/testing/moments.js';
import { allServices } from '../support/all-services.js';
import { accessApp } from './access-app.js';
import { BODIES, WHO_MAY } from './who-may.js';

jest.setTimeout(180_000);

const services = allServices();
/** The categories, and where each has its routes. */
const categories = services.flatMap(({ entities }) =>
  entities.map(({ contract: { name, plural } }) => [name, `/v1/${plural}`] as const),
);
const ALL_ROLES = Object.keys(ROLES);
const OTHER_TENANT = 'acme';

const user = (id: string, roles: readonly string[], tenant = 'default'): Caller => {
  return { tenant, id, kind: 'user', roles };
};
/** Nobody, customers, holders of one role each here and in another tenant, and holders of all. */
const callers: readonly (Caller | undefined)[] = [
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
const OBJECTS = ['mine', 'others', 'theirs', 'ghost'] as const;
type ObjectName = (typeof OBJECTS)[number];

const at = moment();
const flowStartedBy = (startedBy: string, input: JsonObject): DomainEvent => {
  return { type: 'FlowStarted', data: { input, execution: 'unknown', startedBy, at } };
};
const ownedBy = (owner: string): Readonly<Record<string, DomainEvent>> => ({
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
  cartReminder: flowStartedBy(owner, { cart: 'c', to: 'alice@example.com', after: '24h' }),
});

class GivenCaller extends Authenticator {
  async authenticate({ 'x-caller': given }: { readonly 'x-caller'?: string }): Promise<Caller> {
    if (given === undefined) throw new ProblemError(problems.unauthenticated, 'no credential');
    return JSON.parse(given) as Caller;
  }
}

const store = new MemoryEventStore();
const apps = new Map<string, NestFastifyApplication>();
/** By operation: the service that has it. */
const homes = new Map<string, string>();

beforeAll(async () => {
  const belongings = [
    ['default', 'mine', 'alice'],
    ['default', 'others', 'carol'],
    [OTHER_TENANT, 'theirs', 'alice'],
  ] as const;
  for (const [tenant, id, owner] of belongings) {
    for (const [category, event] of Object.entries(ownedBy(owner))) {
      const stream = streamName(category, id, tenant);
      await store.append(stream, -1, historyOf(stream, [event]));
    }
  }
  for (const service of services) {
    apps.set(service.name, await accessApp(service, store, new GivenCaller()));
    for (const operation of operationsOf(service)) homes.set(operation, service.name);
  }
});
afterAll(async () => {
  for (const app of apps.values()) await app.close();
});

/** What the documents of a service show, and the feeds that they describe in words. */
function operationsOf({ name, entities, managesApiKeys }: Service): readonly string[] {
  const documents = [
    ...entities.map(({ contract, reads }) => openApiDocument(contract, reads, '0')),
    ...[viewOperationsDocument(name), relaysDocument(name), doctorDocument(name)],
    ...(managesApiKeys ? [apiKeysDocument()] : []),
  ];
  return documents.flatMap(({ paths }) =>
    Object.entries(paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).flatMap((method) => {
        const operation = `${method.toUpperCase()} ${path}`;
        const feed = `FEED ${path}`;
        if (/^GET .*\/\{id\}\/events$/.test(operation)) return [operation, feed];
        return /^GET \/v1\/[^{]*\/events$/.test(operation) ? [feed] : [operation];
      }),
    ),
  );
}

interface Answer {
  readonly status: number;
  /** Without what is new in each answer, and without the name of the object. */
  readonly said: string;
}

async function ask(operation: string, caller: Caller | undefined, object: ObjectName): Promise<Answer> {
  const [verb = '', path = ''] = operation.split(' ');
  const [category = ''] = categories.find(([, at]) => path === at || path.startsWith(`${at}/`)) ?? [];
  const tenant = object === 'theirs' ? OTHER_TENANT : 'default';
  const sent = store.eventsOf(streamName(category, object, tenant))[0]?.metadata.commandId ?? randomUUID();
  const url = path
    .replace('{id}', object)
    .replace('{commandId}', sent)
    .replace('{view}', 'account.accounts.v1')
    .replace('{stream}', 'account-default.mine')
    .replace('{keyId}', 'a1');
  const body = BODIES[operation] ?? {};
  const reply = await apps.get(homes.get(operation) ?? '')?.inject({
    method: verb === 'POST' ? 'POST' : 'GET',
    url: path === '/v1/best-sellers' ? `${url}?day=2026-01-01` : url,
    headers: {
      ...(caller && { 'x-caller': JSON.stringify(caller) }),
      ...(verb === 'FEED' && { accept: 'text/event-stream' }),
      ...(verb === 'POST' && { 'content-type': 'application/json', prefer: 'wait=1' }),
    },
    ...(verb === 'POST' && { payload: JSON.stringify(body) }),
  });
  if (!reply) throw new Error(`no service has ${operation}`);
  const { date: _, location: __, 'content-length': ___, ...headers } = reply.headers;
  const said = JSON.stringify([reply.statusCode, headers, reply.payload])
    .replaceAll(sent, '<command>')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}/g, '<random>')
    .replaceAll(/\d{4}-\d\d-\d\dT[0-9:.]+Z/g, '<time>')
    .replaceAll(object, '<object>');
  return { status: reply.statusCode, said };
}

type Expected = 'unauthenticated' | 'denied' | 'admitted' | 'as if it did not exist';

/** The answer that the table asks for. */
function expected(operation: string, caller: Caller | undefined, object: ObjectName): Expected {
  if (!caller) return 'unauthenticated';
  const grants = (WHO_MAY[operation] ?? '').split(' ');
  const held = caller.roles.filter((role) => {
    return role === 'operator' ? caller.tenant === 'default' : ALL_ROLES.includes(role);
  });
  const isGranted = grants.includes('anyone') || held.some((role) => grants.includes(role));
  if (!isGranted && !grants.includes('owner')) return 'denied';
  if (!operation.includes('{id}')) return 'admitted';
  if (!isIn(caller, object)) return 'as if it did not exist';
  const isOwner = caller.id === 'alice' && (object === 'mine' || object === 'theirs');
  return isGranted || isOwner ? 'admitted' : 'as if it did not exist';
}

function isIn(caller: Caller | undefined, object: ObjectName): boolean {
  return object !== 'ghost' && caller?.tenant === (object === 'theirs' ? OTHER_TENANT : 'default');
}

/** Why an answer is wrong; undefined if it is right. */
async function fault(operation: string, caller: Caller | undefined, object: ObjectName) {
  const right = expected(operation, caller, object);
  const { status, said } = await ask(operation, caller, object);
  const tell = () => `${operation} of ${object} by ${JSON.stringify(caller)}: not ${right}, but ${said}`;
  if (right === 'unauthenticated') return status === 401 ? undefined : tell();
  if (right === 'denied') return status === 403 && said.includes('ACCESS.DENIED') ? undefined : tell();
  if (status === 401 || said.includes('ACCESS.DENIED')) return tell();
  if (right === 'admitted') return status === 404 && isStored(operation) ? tell() : undefined;
  // What does not exist could be created; what is another's could not.
  const isCreating = /\/(open|create)$/.test(operation) && caller?.id === 'alice';
  // What is started belongs to its starter.
  const isStarting = /\/start$/.test(operation);
  if ((isCreating || isStarting) && isIn(caller, object))
    return said.includes('ENTITY.NOT_FOUND') ? undefined : tell();
  const ghost = await ask(operation, caller, 'ghost');
  return said === ghost.said ? undefined : `${tell()} instead of ${ghost.said}`;
}

/** Whether the objects of a case exist in the store. */
function isStored(operation: string): boolean {
  return /^(GET|FEED) \/v1\/(accounts|carts|checkouts|inventory|transfers|flows\/[a-z-]+)\/\{id\}(\/events)?$/.test(
    operation,
  );
}

it('the table has a line for every operation, and no other', () => {
  expect(Object.keys(WHO_MAY).toSorted()).toEqual([...homes.keys()].toSorted());
});

describe('each operation answers each caller as the table says', () => {
  let cases = 0;
  const operations = Object.keys(WHO_MAY);
  it.each(operations)('%s', async (operation) => {
    const faults: string[] = [];
    for (const caller of callers) {
      for (const object of OBJECTS) {
        cases += 1;
        const found = await fault(operation, caller, object);
        if (found !== undefined) faults.push(found);
      }
    }
    expect(faults.slice(0, 3)).toEqual([]);
  });

  it('in 10,000 cases and more', () => {
    expect(cases).toBeGreaterThan(10_000);
  });
});

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { openApiDocument } from '#libs/api/documents/openapi.js';
import { streamName } from '#libs/core/entity-id.js';
import type { Caller } from '#libs/identity/caller.js';
import { apiKeysDocument } from '#libs/operations/api-keys/api-keys.openapi.js';
import { doctorDocument } from '#libs/operations/doctor/doctor.openapi.js';
import { relaysDocument } from '#libs/operations/relays/relays.openapi.js';
import { viewOperationsDocument } from '#libs/operations/views/view-operations.openapi.js';
import type { Service } from '#libs/service/service.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';

import { accessApp } from './access-app.js';
import {
  callers,
  categories,
  credentialOf,
  expected,
  fill,
  GivenCaller,
  isIn,
  type ObjectName,
  OBJECTS,
  services,
  tenantOf,
  withoutNames,
} from './cases.js';
import { cellsChosen, isLong } from '../support/depth.js';
import { BODIES, WHO_MAY } from './who-may.js';

const store = new MemoryEventStore();
const apps = new Map<string, NestFastifyApplication>();
/** By operation: the service that has it. */
const homes = new Map<string, string>();

beforeAll(async () => {
  await fill(store);
  for (const service of services) {
    apps.set(service.name, await accessApp(service, store, new GivenCaller()));
    for (const operation of operationsOf(service)) homes.set(operation, service.name);
  }
});
afterAll(async () => {
  for (const app of apps.values()) await app.close();
});

/** What the documents of a service show, and the feeds that they describe in words. */
function operationsOf({ name, entities, managesApiKeys, documents: own = [] }: Service): readonly string[] {
  const documents = [
    ...entities.map(({ contract, reads }) => openApiDocument(contract, reads, '0')),
    ...entities.flatMap(({ routes }) => routes?.documents ?? []),
    ...[viewOperationsDocument(name), relaysDocument(name), doctorDocument(name)],
    ...(managesApiKeys ? [apiKeysDocument()] : []),
    ...own,
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

const DRY_RUN = '/dry-run';

interface Answer {
  readonly status: number;
  /** Without what is new in each answer, and without the name of the object. */
  readonly said: string;
}

async function ask(operation: string, caller: Caller | undefined, object: ObjectName): Promise<Answer> {
  const [verb = '', path = ''] = operation.split(' ');
  const [category = ''] = categories.find(([, at]) => path === at || path.startsWith(`${at}/`)) ?? [];
  const sent =
    store.eventsOf(streamName(category, object, tenantOf(object)))[0]?.metadata.commandId ?? randomUUID();
  const url = path
    .replace('{id}', object)
    .replace('{commandId}', sent)
    .replace('{view}', 'account.accounts.v1')
    .replace('{stream}', 'account-default.mine')
    .replace('{keyId}', 'a1');
  const body = BODIES[operation] ?? BODIES[operation.replace(DRY_RUN, '')] ?? {};
  const reply = await apps.get(homes.get(operation) ?? '')?.inject({
    method: verb === 'POST' ? 'POST' : 'GET',
    url: `${url}${queryOf(path)}`,
    headers: {
      ...(caller && { authorization: credentialOf(caller) }),
      ...(verb === 'FEED' && { accept: 'text/event-stream' }),
      ...(verb === 'POST' && { 'content-type': 'application/json', prefer: 'wait=1' }),
    },
    ...(verb === 'POST' && { payload: JSON.stringify(body) }),
  });
  if (!reply) throw new Error(`no service has ${operation}`);
  const { date: _, location: __, 'content-length': ___, ...headers } = reply.headers;
  const answer = JSON.stringify([reply.statusCode, headers, reply.payload]);
  // A dry run tells the data back, which name objects.
  const named: readonly ObjectName[] = operation.endsWith(DRY_RUN) ? OBJECTS : [object];
  const said = named.reduce<string>(withoutNames, answer.replaceAll(sent, '<command>'));
  return { status: reply.statusCode, said };
}

/** The parameters without which an operation finds nothing. */
function queryOf(path: string): string {
  if (path === '/v1/best-sellers') return '?day=2026-01-01';
  return path.endsWith('/{id}/diff') ? '?from=-1&to=0' : '';
}

/** Why an answer is wrong; undefined if it is right. */
async function fault(operation: string, caller: Caller | undefined, object: ObjectName) {
  const named = operation.includes('{id}') ? object : undefined;
  const right = expected(WHO_MAY[operation] ?? '', caller, named);
  const { status, said } = await ask(operation, caller, object);
  const tell = () => `${operation} of ${object} by ${JSON.stringify(caller)}: not ${right}, but ${said}`;
  if (right === 'unauthenticated') return status === 401 ? undefined : tell();
  if (right === 'denied') return status === 403 && said.includes('ACCESS.DENIED') ? undefined : tell();
  if (status === 401 || said.includes('ACCESS.DENIED')) return tell();
  if (right === 'admitted') return status === 404 && isStored(operation) ? tell() : undefined;
  const command = operation.replace(DRY_RUN, '');
  // What does not exist could be created; what is another's could not.
  const isCreating = /\/(open|create)$/.test(command) && caller?.id === 'alice';
  // What is started belongs to its starter.
  const isStarting = command.endsWith('/start');
  if ((isCreating || isStarting) && isIn(caller, object))
    return said.includes('ENTITY.NOT_FOUND') ? undefined : tell();
  const ghost = await saidOfGhost(operation, caller);
  return said === ghost ? undefined : `${tell()} instead of ${ghost}`;
}

/** The answer for an object that never existed. An object that is hidden must get the same one. */
const ghosts = new Map<string, string>();

async function saidOfGhost(operation: string, caller: Caller | undefined): Promise<string> {
  const key = `${operation} ${JSON.stringify(caller)}`;
  const said = ghosts.get(key) ?? (await ask(operation, caller, 'ghost')).said;
  ghosts.set(key, said);
  return said;
}

/** Whether the objects of a case exist in the store. */
function isStored(operation: string): boolean {
  return /^(GET|FEED) \/v1\/(accounts|approvals|callbacks|carts|checkouts|inventory|transfers|timeline\/(?!price)\w+|flows\/[a-z-]+)\/\{id\}(\/(events|diff|why|results|rejects))?$/.test(
    operation,
  );
}

/** Who is refused before an object is looked up is refused for all: one of them, by the seed. */
const isChosen = cellsChosen('objects of refused callers', OBJECTS.length);

function objectsFor(operation: string, caller: Caller | undefined, column: number): readonly ObjectName[] {
  if (!operation.includes('{id}')) return OBJECTS.slice(0, 1);
  const answers = OBJECTS.map((object) => expected(WHO_MAY[operation] ?? '', caller, object));
  const isRefused = answers.every((answer) => answer === 'denied' || answer === 'unauthenticated');
  const row = Object.keys(WHO_MAY).indexOf(operation);
  return OBJECTS.filter((_, place) => !isRefused || isChosen(row, column * OBJECTS.length + place));
}

it('the table has a line for every operation, and no other', () => {
  expect(Object.keys(WHO_MAY).toSorted()).toEqual([...homes.keys()].toSorted());
});

/** A dry run has the policy of its command, so each is tried by a third of the callers, in turn. */
function callersFor(operation: string): typeof callers {
  const turn = operation.length % 3;
  return operation.endsWith(DRY_RUN) ? callers.filter((_, index) => index % 3 === turn) : callers;
}

describe('each operation answers each caller as the table says', () => {
  let cases = 0;
  const operations = Object.keys(WHO_MAY);
  it.each(operations)('%s', async (operation) => {
    const faults: string[] = [];
    for (const [column, caller] of callersFor(operation).entries()) {
      for (const object of objectsFor(operation, caller, column)) {
        cases += 1;
        const found = await fault(operation, caller, object);
        if (found !== undefined) faults.push(found);
      }
    }
    expect(faults.slice(0, 3)).toEqual([]);
  });

  it(`in ${isLong ? '20,000' : '10,000'} cases and more`, () => {
    expect(cases).toBeGreaterThan(isLong ? 20_000 : 10_000);
  });
});

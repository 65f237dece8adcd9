import { describe, expect, it } from '@jest/globals';
import type { z } from 'zod';
import type { Service } from '#libs/service/service.js';
import { collectionOf, portOf, SERVICES, taskQueueOf } from './services.js';

type Module = Readonly<Record<string, unknown>>;

/** The service as its app builds it, found by its name. */
async function serviceIn(name: string): Promise<Service> {
  const app = `../../apps/${name}/src/${name}`;
  const { [`${name}Config`]: schema } = (await import(`${app}.config.js`)) as Module;
  const { [`${name}Service`]: create } = (await import(`${app}.service.js`)) as Module;
  return (create as (config: unknown) => Service)((schema as z.ZodType).parse({}));
}

describe.each(SERVICES)('the $name service', ({ name, collections, lists }) => {
  it('hosts the entities, sagas and flows of its line in the list', async () => {
    const { entities } = await serviceIn(name);
    const hosted = entities.map(({ contract }) => [contract.name, contract.plural]);
    expect(Object.fromEntries(hosted)).toEqual(collections);
  });

  it('serves the lists of its line', async () => {
    const { entities, managesApiKeys = false, documents = [] } = await serviceIn(name);
    const reads = entities.flatMap((entity) => entity.reads.map(({ path }) => path.replace('/v1/', '')));
    const own = documents.flatMap(({ paths }) => Object.keys(paths as object));
    // What is below a list is reached with the list.
    const listed = [...reads, ...own.map((path) => path.split('/')[2] ?? '')];
    const served = [...listed, ...(managesApiKeys ? ['api-keys'] : [])].map((path) => `${path}/`);
    const ofCollection = Object.values<string>(collections).map((collection) => `${collection}/`);
    const outside = served.filter((path) => !ofCollection.some((collection) => path.startsWith(collection)));
    expect([...new Set(outside)].sort()).toEqual(lists.map((list) => `${list}/`).sort());
  });
});

it('no two services share a port, a category, a collection or a list', () => {
  const ports = SERVICES.map(({ port }) => port);
  const categories = SERVICES.flatMap(({ collections }) => Object.keys(collections));
  const paths = SERVICES.flatMap(({ collections, lists }) => [...Object.values(collections), ...lists]);
  for (const all of [ports, categories, paths]) expect(new Set<unknown>(all).size).toBe(all.length);
});

it('a saga shares the task queue of its service, and an entity of no service has its own', () => {
  expect(taskQueueOf('transfer')).toBe('account');
  expect(taskQueueOf('inventory')).toBe('inventory');
  expect(taskQueueOf('lamp')).toBe('lamp');
});

it('a service is reached at its port, and its entities in their collections', () => {
  expect(portOf('cart')).toBe(3002);
  expect(collectionOf('checkout')).toBe('checkouts');
});

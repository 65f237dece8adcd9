import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from '@jest/globals';
import { eventually } from '../../../test/support/account-rest.js';
import { CatalogReader } from './catalog.js';

const document = {
  tags: [{ name: 'accounts', description: 'A bank account' }],
  paths: {
    '/v1/accounts/{id}/open': {
      post: {
        summary: 'Open',
        'x-allow': ['owner'],
        parameters: [
          { name: 'Idempotency-Key', in: 'header', schema: {} },
          { name: 'tenant', in: 'query', schema: { type: 'string' } },
        ],
        requestBody: {
          content: { 'application/json': { schema: { $ref: '#/components/schemas/AccountOpen' } } },
        },
        responses: { 200: { description: 'long' } },
      },
    },
  },
  components: { schemas: { AccountOpen: { type: 'object' } } },
};

let server: Server | undefined;
afterEach(() => void server?.close());

const service = {
  name: 'account',
  isAway: false,
  summaries: { accounts: 'A bank account' },
  operations: [
    {
      method: 'post',
      path: '/v1/accounts/{id}/open',
      summary: 'Open',
      allow: ['owner'],
      query: [{ name: 'tenant', schema: { type: 'string' } }],
      body: { type: 'object' },
    },
  ],
};

async function serve(): Promise<CatalogReader> {
  const own = createServer((_, reply) => reply.end(JSON.stringify(document)));
  server = own;
  await new Promise<void>((resolve) => own.listen(0, '127.0.0.1', resolve));
  const { port } = own.address() as AddressInfo;
  return new CatalogReader([{ name: 'account', url: `http://127.0.0.1:${port}`, prefixes: [] }], -1);
}

it('has what pages need of the document, and no more', async () => {
  const reader = await serve();
  expect(await reader.read()).toEqual({ services: [service] });
});

it('keeps what a service had while it is away, and says so', async () => {
  const reader = await serve();
  await reader.read();
  server?.closeAllConnections();
  await new Promise((resolve) => server?.close(resolve));
  // The reader answers with what it has, and asks meanwhile.
  const away = await eventually(
    () => reader.read(),
    ({ services }) => services[0]?.isAway === true,
  );
  expect(away).toEqual({ services: [{ ...service, isAway: true }] });
});

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from '@jest/globals';
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

it('has what pages need, and keeps it while the service is away', async () => {
  const own = createServer((_, reply) => reply.end(JSON.stringify(document)));
  server = own;
  await new Promise<void>((resolve) => own.listen(0, '127.0.0.1', resolve));
  const { port } = own.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const reader = new CatalogReader([{ name: 'account', url, prefixes: [] }]);
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
  expect(await reader.read()).toEqual({ services: [service] });
  own.closeAllConnections();
  await new Promise((resolve) => own.close(resolve));
  expect(await reader.read()).toEqual({ services: [service] });
});

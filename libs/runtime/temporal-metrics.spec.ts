import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from '@jest/globals';
import { readTemporalMetricsAt, temporalMetrics } from './temporal-metrics.js';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function served(status: number, body: string | undefined): Promise<void> {
  server = createServer((_, reply) => {
    if (body !== undefined) reply.writeHead(status).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  readTemporalMetricsAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`);
}

it('there are none without a worker', async () => {
  expect(await temporalMetrics()).toBe('');
});

it('they are told as they are', async () => {
  await served(200, 'temporal_num_pollers 1\n');
  expect(await temporalMetrics()).toBe('temporal_num_pollers 1\n');
});

it.each<[string, number, string | undefined]>([
  ['refuses', 500, 'an error'],
  ['does not answer', 200, undefined],
])('the other metrics do not wait for a core that %s', async (_, status, body) => {
  await served(status, body);
  expect(await temporalMetrics()).toBe('');
});

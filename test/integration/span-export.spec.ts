import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from '@jest/globals';

/** A process with a single span. */
const PROGRAM = `
  import { pino } from 'pino';
  import { readConfig } from '#libs/api/http/read-config.js';
  import { serviceConfig } from '#libs/service/service-config.js';
  import { startTracing } from '#libs/service/tracing-config.js';
  import { startSpan } from '#libs/runtime/tracing/tracing.js';
  const logger = pino({ level: 'silent' });
  const tracing = await startTracing('account', readConfig(serviceConfig(0), process.env), logger);
  startSpan({ name: 'a span of ours' })?.end();
  await tracing.close();
`;

let collector: Server;
let received: { readonly headers: IncomingHttpHeaders; readonly url: string; readonly body: string }[];

beforeEach(async () => {
  received = [];
  collector = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { headers, url = '' } = request;
      received.push({ headers, url, body: Buffer.concat(parts).toString('latin1') });
      response.end();
    });
  });
  await once(collector.listen(0, '127.0.0.1'), 'listening');
});
afterEach(() => void collector.close());

it.each([
  [{}, 'application/x-protobuf'],
  [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, 'application/json'],
])('with %j, spans are exported when the process stops at the latest', async (more, type) => {
  const { port } = collector.address() as AddressInfo;
  const env = {
    PATH: process.env['PATH'],
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a%20key,other=1',
    OTEL_SERVICE_NAME: 'mine',
    ...more,
  };
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', PROGRAM], { env });
  expect(received).toMatchObject([
    { url: '/v1/traces', headers: { 'content-type': type, 'api-key': 'a key', other: '1' } },
  ]);
  for (const text of ['a span of ours', 'mine', 'perdure']) expect(received[0]?.body).toContain(text);
});

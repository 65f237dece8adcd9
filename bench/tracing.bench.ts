// npm run bench:tracing -- [rounds]
//
// What tracing costs: the CPU seconds of the account service for commands that are traced, and for
// commands whose sender does not want that, in turn on the same processes.
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { eachOf } from '#libs/runtime/each-of.js';
import { inSpan } from '#libs/runtime/tracing/tracing.js';
import { startBenchStack } from './bench-stack.js';
import { coreSecondsByRole } from './core-seconds.js';
import { commit, compared, machine, summary } from './rounds.js';

const ACCOUNTS = 60;
const COMMANDS = 1_500;
const CLIENTS = 16;
/** Views and exports of the last commands. */
const AFTERMATH_MILLISECONDS = 2_000;

const rounds = Number(process.argv[2] ?? '5');

let received = 0;
const collector = createServer((request, response) => {
  request.on('data', (part: Buffer) => (received += part.length)).on('end', () => response.end());
});
await once(collector.listen(0, '127.0.0.1'), 'listening');
const { port } = collector.address() as AddressInfo;
process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = `http://127.0.0.1:${port}`;

console.log(`${machine()}, Node ${process.version}, ${commit()}, ${rounds} rounds; median (range)`);
await callsOnly();

const { addresses, token, stop } = await startBenchStack();
try {
  const accounts = Array.from({ length: ACCOUNTS }, () => `traced-${randomUUID().slice(0, 8)}`);
  await eachOf(accounts, 8, (id) => post(id, 'open', { owner: id, currency: 'EUR' }, '00'));
  const pair = await compared(
    rounds,
    () => millisecondsEach(accounts, '01'),
    () => millisecondsEach(accounts, '00'),
  );
  const { ours, theirs, ratios } = pair;
  console.log(`CPU of the account service for a traced command: ${summary(ours, 2)} ms`);
  console.log(`  ÷ for another: ${summary(theirs, 2)} ms = ${summary(ratios, 3)}`);
  console.log(`the collector received ${Math.round(received / 1_024)} KB`);
} finally {
  await stop();
  collector.close();
}

async function post(id: string, command: string, body: object, flags: string): Promise<void> {
  const traceparent = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-${flags}`;
  const reply = await fetch(`${addresses.ACCOUNT_URL}/v1/accounts/${id}/${command}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      prefer: 'wait=30',
      traceparent,
    },
    body: JSON.stringify(body),
  });
  if (reply.status >= 300) throw new Error(`${command} was answered ${reply.status}`);
}

/** CPU milliseconds of the account service for a command, from the request to its rows. */
async function millisecondsEach(accounts: readonly string[], flags: string): Promise<number> {
  const before = coreSecondsByRole().get('account') ?? 0;
  const all = Array.from({ length: COMMANDS }, (_, index) => accounts[index % ACCOUNTS] ?? '');
  await eachOf(all, CLIENTS, (id) => post(id, 'deposit', { amount: 1 }, flags));
  await pause(AFTERMATH_MILLISECONDS);
  return (((coreSecondsByRole().get('account') ?? 0) - before) * 1_000) / COMMANDS;
}

/** What a process without tracing pays for each span that it does not make. */
async function callsOnly(): Promise<void> {
  const count = 1_000_000;
  const work = async (): Promise<number> => 1;
  const nanoseconds = async (call: () => Promise<number>): Promise<number> => {
    const began = performance.now();
    for (let done = 0; done < count; done += 1) await call();
    return ((performance.now() - began) * 1e6) / count;
  };
  const { ours } = await compared(
    rounds,
    () => nanoseconds(() => inSpan({ name: 'append', kind: 'client' }, work)),
    () => nanoseconds(work),
  );
  console.log(`a call that makes no span, without tracing: ${summary(ours)} ns`);
}

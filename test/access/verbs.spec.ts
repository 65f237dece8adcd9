import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Command } from 'commander';
import { OperationsClient } from '#libs/operations/cli/operations-client.js';
import { allowVerb, verbsOf } from '#libs/operations/cli/verbs.js';
import type { Caller } from '#libs/identity/caller.js';
import { captureOutput } from '#libs/testing/capture-output.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { perdure } from '../../apps/operator/src/program.js';
import { accessApp } from './access-app.js';
import { callers, credentialOf, expected, fill, GivenCaller, services } from './cases.js';
import { VERBS } from './who-may.js';

const apps = new Map<string, NestFastifyApplication>();
let server: Server;
let url: string;

/** The routes of all services at one address, like the front server. */
beforeAll(async () => {
  const store = new MemoryEventStore();
  await fill(store);
  for (const service of services) apps.set(service.name, await accessApp(service, store, new GivenCaller()));
  server = createServer((request, response) => {
    request.resume().once('end', () => {
      const path = String(request.url);
      const other = path.startsWith('/v1/stock-imports') ? 'inventory' : 'account';
      const [, name = other] = /^\/v1\/operations\/(\w+)\//.exec(path) ?? [];
      const { authorization } = request.headers;
      const isPost = request.method === 'POST';
      const headers = {
        ...(authorization !== undefined && { authorization }),
        ...(isPost && { 'content-type': 'application/json' }),
      };
      const asked = apps.get(name)?.inject({ method: isPost ? 'POST' : 'GET', url: path, headers });
      void asked?.then(({ statusCode, payload }) => response.writeHead(statusCode).end(payload));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  jest.restoreAllMocks();
  process.exitCode = undefined;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  for (const app of apps.values()) await app.close();
});

/** The program of a caller. */
function programOf(caller: Caller | undefined): Command {
  const token = caller && credentialOf(caller).slice('Bearer '.length);
  const program = perdure(() => new OperationsClient(url, token));
  for (const command of [program, ...program.commands, ...program.commands.flatMap((one) => one.commands)])
    command.exitOverride();
  return program;
}

/** What becomes of a line that a caller enters. */
async function run(words: string, caller: Caller | undefined): Promise<string> {
  const shown = captureOutput();
  let error = '';
  try {
    await programOf(caller).parseAsync(words.split(' '), { from: 'user' });
  } catch (thrown) {
    error = String(thrown);
  }
  const said = `${shown()}${error}`;
  jest.restoreAllMocks();
  if (said.includes('ACCESS.UNAUTHENTICATED')) return 'unauthenticated';
  if (said.includes('ACCESS.DENIED')) return 'denied';
  return /error: |TypeError/.test(said) ? said : 'admitted';
}

it('the table has a line for every verb, and each says so itself', () => {
  const said = verbsOf(programOf(undefined)).map(({ name, policy }) => {
    return [name, policy.map((grant) => grant.replace('role:', '')).toSorted()];
  });
  const table = Object.entries(VERBS).map(([name, { grants }]) => [name, grants.split(' ').toSorted()]);
  expect(Object.fromEntries(said)).toEqual(Object.fromEntries(table));
});

it('a verb without a policy is found before the program runs', () => {
  const group = new Command('things');
  allowVerb(group.command('list'), ['anyone']);
  group.command('drop');
  expect(() => verbsOf(new Command('program').addCommand(group))).toThrow('things drop has no policy');
});

describe('each verb is for those whom the table names', () => {
  it.each(Object.entries(VERBS))('%s', async (name, { grants, words, admitted = grants }) => {
    const faults: string[] = [];
    for (const caller of callers) {
      const right = expected(admitted, caller);
      const answer = await run(`${name} ${words}`.trim(), caller);
      if (answer !== right) faults.push(`${name} by ${JSON.stringify(caller)}: not ${right}, but ${answer}`);
    }
    expect(faults.slice(0, 3)).toEqual([]);
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BACKWARDS, END, EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import pg from 'pg';
import { answersOk } from '#tools/dev-stack/http-health.js';
import { freePorts } from '#tools/dev-stack/port.js';
import { waitUntil } from '#tools/dev-stack/wait-until.js';

/** Part of every event to be erased, and searched for in the files of the database. */
const SECRET = 'Anna Blume, 27.11.1991';
const secretEvents = (count: number) =>
  Array.from({ length: count }, (_, index) => jsonEvent({ type: 'Noted', data: { note: SECRET, index } }));

describe('erasing events that are no longer visible', () => {
  let folder: string;
  let server: ChildProcess;
  let client: EventStoreDBClient;
  let database: pg.Client;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'perdure-erasing-'));
    chmodSync(folder, 0o755); // PostgreSQL runs as another user than root
    const [port = 0] = await freePorts(1);
    const entry = 'dist/tools/event-store/main.js';
    server = spawn(process.execPath, [entry, '--port', String(port), '--data', folder], { stdio: 'ignore' });
    const isLive = () => answersOk(`http://127.0.0.1:${port}/health/live`);
    expect(await waitUntil(isLive, { timeoutMs: 90_000 })).toBe(true);
    client = EventStoreDBClient.connectionString(`esdb://127.0.0.1:${port}?tls=false`);
    const pidFile = readFileSync(join(folder, 'postgres/postmaster.pid'), 'utf8');
    database = new pg.Client(`postgres://perdure:perdure@127.0.0.1:${pidFile.split('\n')[3]}/perdure`);
    await database.connect();
  });

  afterAll(async () => {
    await client?.dispose();
    await database?.end();
    const ended = once(server, 'exit');
    server.kill('SIGTERM');
    const [code] = await ended;
    rmSync(folder, { recursive: true, force: true });
    expect(code).toBe(0);
  });

  const revisionsInTable = async (stream: string): Promise<number[]> => {
    const { rows } = await database.query<{ revision: string }>(
      'select revision from event_store.events where stream = $1 order by revision',
      [stream],
    );
    return rows.map(({ revision }) => Number(revision));
  };
  const untilErased = async (stream: string, left: number): Promise<void> => {
    const isErased = async () => (await revisionsInTable(stream)).length === left;
    expect(await waitUntil(isErased, { timeoutMs: 60_000 })).toBe(true);
  };

  test('a deleted stream is erased from the table and from its files, and continues at its revision', async () => {
    await client.appendToStream('person-1', secretEvents(5));
    await client.appendToStream('person-2', [jsonEvent({ type: 'Noted', data: { note: 'stays' } })]);
    expect(await filesWithSecret()).not.toEqual([]);
    await client.deleteStream('person-1');
    await untilErased('person-1', 0);
    const isRewritten = async () => (await filesWithSecret()).length === 0;
    expect(await waitUntil(isRewritten, { timeoutMs: 30_000 })).toBe(true);
    expect(await revisionsInTable('person-2')).toEqual([0]);
    const again = await client.appendToStream('person-1', secretEvents(1), { expectedRevision: 4n });
    expect(again.nextExpectedRevision).toBe(5n);
  });

  test('of a truncated stream, the visible part stays', async () => {
    await client.appendToStream('counter-1', secretEvents(10));
    await client.setStreamMetadata('counter-1', { maxCount: 3 });
    await untilErased('counter-1', 3);
    expect(await revisionsInTable('counter-1')).toEqual([7, 8, 9]);
    expect(await lastRevision('counter-1')).toBe(9n);
  });

  test('the last event of the log stays until another follows, so that no position is given out twice', async () => {
    await client.setStreamMetadata('aged-1', { maxAge: 1 });
    const { position } = await client.appendToStream('aged-1', secretEvents(3));
    await untilErased('aged-1', 1);
    const next = await client.appendToStream('aged-1', secretEvents(1));
    expect(next.nextExpectedRevision).toBe(3n);
    expect(next.position!.commit).toBeGreaterThan(position!.commit);
  });

  test('a tombstone stays alone', async () => {
    await client.appendToStream('ended-1', secretEvents(3));
    await client.setStreamMetadata('ended-1', { owner: SECRET });
    await client.tombstoneStream('ended-1');
    await untilErased('ended-1', 1);
    await untilErased('$$ended-1', 0);
    await expect(lastRevision('ended-1')).rejects.toMatchObject({ type: 'stream-deleted' });
  });

  async function lastRevision(stream: string): Promise<bigint | undefined> {
    const options = { direction: BACKWARDS, fromRevision: END, maxCount: 1 } as const;
    let last: bigint | undefined;
    // Read to its end, because a partly read stream is never disposed of.
    for await (const { event } of client.readStream(stream, options)) last = event?.revision;
    return last;
  }

  /** The write-ahead log is excluded: PostgreSQL keeps it until it is reused. */
  async function filesWithSecret(): Promise<string[]> {
    await database.query('checkpoint');
    const base = join(folder, 'postgres/base');
    const files = readdirSync(base, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
    return files
      .map(({ parentPath, name }) => join(parentPath, name))
      .filter((file) => readFileSync(file).includes(SECRET));
  }
});

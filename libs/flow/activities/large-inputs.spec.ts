import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FolderBlobStore } from '#libs/blob/folder-blob-store.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { inputBlobIn } from '#libs/core/flow/large-input.js';
import type { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { readLargeInput, withLargeInputs } from './large-inputs.js';

const STREAM = 'loan-default.1';
const large = { text: 'x'.repeat(70_000) };

describe('a large input', () => {
  let folder: string;
  let blobs: FolderBlobStore;
  let sent: readonly CommandEnvelope[] = [];
  const door = {
    send: async (_: string, envelopes: readonly CommandEnvelope[]) => void (sent = envelopes),
    execute: async (_: string, envelopes: readonly CommandEnvelope[]) => {
      sent = envelopes;
      return [];
    },
  } as unknown as EntityGateway;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'perdure-blobs-'));
    blobs = new FolderBlobStore(folder);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  beforeEach(() => void (sent = []));

  const command = (type: string, data: object) =>
    envelopeOf({ type, data, at: '2100-01-01T00:00:00.000Z' } as never, `${type} 1`);
  const gateway = () => withLargeInputs(door, blobs, (category) => category === 'loan');

  it.each([
    ['Start', large, (data: object) => data],
    ['StartChild', { input: large, parent: 1 }, ({ input }: { input: object }) => input],
    ['StartFor', { input: large, answers: 1 }, ({ input }: { input: object }) => input],
  ] as const)('of %s is sent as a reference, and can be read', async (type, data, inputOf) => {
    await gateway().send(STREAM, [command('Note', {}), command(type, data)]);
    const [note, start] = sent;
    expect(note?.data).toEqual({});
    const blob = inputBlobIn(inputOf(start?.data as never) as never);
    if (!blob) throw new Error('there is no reference');
    expect(await readLargeInput(blobs, { stream: STREAM, blob })).toEqual({ status: 'read', input: large });
    await gateway().execute(STREAM, [command(type, data)], 1_000);
    expect(sent).toEqual([start]);
  });

  it('passes as it is to an entity, in a message, or if it is small', async () => {
    const small = command('Start', { text: 'x' });
    const message = command('Note', large);
    await gateway().send(STREAM, [small, message]);
    expect(sent[0]).toBe(small);
    expect(sent[1]).toBe(message);
    const toEntity = command('Start', large);
    await gateway().send('account-default.1', [toEntity]);
    expect(sent[0]).toBe(toEntity);
  });

  it('is not read from a blob of another flow', async () => {
    const blob = await blobs.put('loan-default.2', Buffer.from('{"secret":1}'));
    const read = await readLargeInput(blobs, { stream: STREAM, blob });
    expect(read).toEqual({ status: 'lost', detail: expect.stringContaining('belongs to another') });
  });

  it('is lost if its blob is', async () => {
    const blob = await blobs.put(STREAM, Buffer.from('{}'));
    await blobs.remove(STREAM);
    const read = await readLargeInput(blobs, { stream: STREAM, blob });
    expect(read).toEqual({ status: 'lost', detail: expect.stringContaining('is missing') });
  });
});

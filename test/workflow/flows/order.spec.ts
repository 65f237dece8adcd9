import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { temporal } from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import { keepTemporalQuiet } from '#libs/testing/keep-temporal-quiet.js';
import { replayErrors } from '../../support/replayed-runs.js';
import { ProbeDriver, probeServer } from './probe-server.js';

const { History } = temporal.api.history.v1;

keepTemporalQuiet();

const server = probeServer({ calls: { act: () => Promise.resolve({}) } });
beforeAll(() => server.open());
afterAll(() => server.close());

const codePath = resolve('dist/test/workflow/flows/workflows.bundle.js');

type Change = (text: string) => string;

/** A copy of a recorded value with other texts, also in the payloads, which are in base64. */
function changed(value: unknown, change: Change, name = ''): unknown {
  if (typeof value === 'string') {
    if (name !== 'data') return change(value);
    return Buffer.from(change(Buffer.from(value, 'base64').toString())).toString('base64');
  }
  if (Array.isArray(value)) return value.map((item) => changed(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, changed(item, change, key)]));
}

/** Replays a flow whose history is changed. Returns the error, if there is one. */
async function replayed({ stream }: ProbeDriver, change: Change): Promise<string | undefined> {
  const history = await server.client.workflow.getHandle(stream).fetchHistory();
  const text = History.toObject(History.fromObject(history), { longs: String, enums: String, bytes: String });
  const bundle = { workflowBundle: { codePath } };
  const replay = Worker.runReplayHistory(bundle, History.fromObject(changed(text, change) as object), stream);
  return replay.then(
    () => undefined,
    (error: Error) => error.message,
  );
}

async function ended(script: string, input: Readonly<Record<string, string>> = {}): Promise<ProbeDriver> {
  const probe = new ProbeDriver(server);
  await probe.start(script, input);
  await probe.ended();
  return probe;
}

describe('code that is changed while a flow runs', () => {
  it('does not give the answer of one call to another', async () => {
    const probe = await ended('call');
    expect(await replayed(probe, (text) => text)).toBeUndefined();
    const other = (text: string) => text.replaceAll(`${probe.stream}/act`, `${probe.stream}/other`);
    expect(await replayed(probe, other)).toMatch(
      /TMPRL1100.*Activity id of scheduled event '.*\/other' does not match activity id of activity command '.*\/act'/,
    );
  });

  it('does not give the answer to one command to another', async () => {
    const id = randomUUID();
    const probe = await ended('leaver', { id, onEnd: 'leave' });
    expect(await replayed(probe, (text) => text)).toBeUndefined();
    const other = (text: string) =>
      text.replaceAll(`${probe.stream}/probe.${id}`, `${probe.stream}/probe.other`);
    expect(await replayed(probe, other)).toContain(`the code asks for ${probe.stream}/probe.${id}`);
  });

  it('does not give the state of one entity to another', async () => {
    const probe = await ended('ask', { id: 'one' });
    expect(await replayed(probe, (text) => text)).toBeUndefined();
    const other = (text: string) =>
      text.replaceAll('"stream":"other-default.one"', '"stream":"other-default.two"');
    expect(await replayed(probe, other)).toContain('the code asks for other-default.one');
  });
});

describe('branches side by side', () => {
  it('can be replayed, whichever is answered first', async () => {
    const probes = Array.from({ length: 6 }, () => new ProbeDriver(server));
    await Promise.all(probes.map(async (probe) => probe.start('branches', { count: 12 })));
    await Promise.all(probes.map((probe) => probe.ended()));
    const workflows = probes.map(({ stream: workflowId }) => ({ workflowId, codePath }));
    expect(await replayErrors(server.client, workflows)).toEqual({});
  });
});

import { randomUUID } from 'node:crypto';
import { HOUR } from '#libs/testing/moments.js';
import type { TimeSkippingServer } from '#libs/testing/time-skipping-server.js';
import { ProbeDriver } from './probe-server.js';

const HOUR_MS = HOUR * 1_000;

type Recorded = (server: TimeSkippingServer) => Promise<ProbeDriver>;

/** A script that ends by itself. */
const alone =
  (script: string, input = {}): Recorded =>
  async (server) => {
    const probe = new ProbeDriver(server);
    await probe.start(script, input);
    await probe.ended();
    return probe;
  };

/** A script to which something happens once it waits. */
const then =
  (
    script: string,
    input: object,
    next: (probe: ProbeDriver, server: TimeSkippingServer) => Promise<unknown>,
  ) =>
  async (server: TimeSkippingServer): Promise<ProbeDriver> => {
    const probe = new ProbeDriver(server);
    await probe.start(script, { ...input });
    await probe.until(({ waits }) => waits.length > 0);
    await next(probe, server);
    await probe.ended();
    return probe;
  };

const cancelIt = (probe: ProbeDriver) => probe.send('Cancel', { reason: 'enough' });
const note = (text: string) => (probe: ProbeDriver) => probe.send('Note', { text });

/** Runs of flows that use every verb, by the names of their files in `histories/`. */
export const recordedFlows: Readonly<Record<string, Recorded>> = {
  call: alone('call'),
  'call-exhausted': alone('thrice'),
  sleep: then('sleep', { time: '30d' }, (_, server) => server.skip(30 * 24 * HOUR_MS)),
  'receive-in-time': then('timeout', { time: '1h' }, note('here')),
  'receive-late': then('timeout', { time: '1h' }, (_, server) => server.skip(HOUR_MS)),
  'spawn-child': async (server) => alone('parent', { script: 'call', id: randomUUID() })(server),
  'all-together': alone('all'),
  'all-one-fails': then('allFails', {}, (_, server) => server.skip(2_000)),
  'race-note': then('race', {}, note('first')),
  'each-item': alone('each', { count: 7 }),
  'undo-failed': alone('undo'),
  'undo-cancelled': then('undo', { cancel: true }, cancelIt),
  'shield-cancelled': then('undo', { cancel: true, shielded: true }, async (probe, server) => {
    await cancelIt(probe);
    await server.skip(10_000);
  }),
  'progress-often': async (server) => {
    const probe = new ProbeDriver(server);
    await probe.start('progress');
    await server.skip(12_000);
    await probe.ended();
    return probe;
  },
  rounds: then('endless', {}, async (probe) => {
    for (const text of ['1', '2', '3', 'stop']) await note(text)(probe);
  }),
  versioned: alone('versioned'),
};

// npm run bench:spread -- [items]
//
// What the tree of a spread costs by itself: its leaves do nothing. Items are numbers, so what is
// measured is Temporal, the workflows, the heartbeats and the segments of outcomes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openBlobStore } from '#libs/blob/open-blob-store.js';
import { flowDecider } from '#libs/core/flow/flow.decider.js';
import { leaf } from '#libs/flow/leaves/leaf.js';
import { SPREAD_TYPE } from '#libs/flow/protocol/spread-messages.js';
import { realTemporal } from '#libs/testing/real-temporal.js';
import { TimeSkippingServer } from '#libs/testing/time-skipping-server.js';
import { startStack } from '#tools/dev-stack/start-stack.js';
import { ProbeDriver } from '../test/workflow/flows/probe-server.js';
import { Collect } from '../test/workflow/flows/spreading.js';
import { coreSecondsByRole } from './core-seconds.js';
import { commit, machine } from './rounds.js';

const LOOK_EVERY_MILLISECONDS = 200;

const items = Number(process.argv[2] ?? '1000000');

const home = mkdtempSync(join(tmpdir(), 'perdure-bench-'));
const stack = await startStack({ root: process.cwd(), home, ports: 'free', parts: ['temporal'] });
process.once('exit', () => stack.killNow());
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
process.env['TEMPORAL_ADDRESS'] = stack.addresses.TEMPORAL_ADDRESS;

const nothing = leaf(Collect, async (batch) => batch.map(() => ({ outcome: 'done' as const })), {
  batch: 100,
});
const server = new TimeSkippingServer({
  deciders: [flowDecider({ name: 'spreading', messages: [] })],
  workflowBundle: resolve('dist/test/workflow/flows/workflows.bundle.js'),
  openServer: realTemporal,
  leaves: { handled: [nothing], blobs: openBlobStore(pathToFileURL(join(home, 'blobs')).href) },
});
await server.open();
console.log(`${machine()}, Node ${process.version}, ${commit()}: ${items} items in empty leaves`);
try {
  for (const itemsPerLeaf of [100, 1_000]) await measure(itemsPerLeaf);
} finally {
  await server.close();
  await stack.stop();
  rmSync(home, { recursive: true, force: true });
}

async function measure(itemsPerLeaf: number): Promise<void> {
  const driver = new ProbeDriver(server, undefined, 'spreading');
  const [cpuBefore, temporalBefore] = [process.cpuUsage(), temporalSeconds()];
  const begun = performance.now();
  await driver.send('Start', { source: { count: items }, options: { itemsPerLeaf } });
  const { done } = await ended(driver);
  const seconds = (performance.now() - begun) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const own = (user + system) / 1e6;
  const temporal = temporalSeconds() - temporalBefore;
  const leaves = Math.ceil(items / itemsPerLeaf);
  const each = (of: number) => `${((of * 1_000) / leaves).toFixed(1)} ms`;
  console.log(`${itemsPerLeaf} items a leaf: ${done} done in ${seconds.toFixed(1)} s, ${leaves} leaves`);
  console.log(`  CPU of the worker: ${own.toFixed(1)} s, ${each(own)} a leaf`);
  console.log(`  CPU of Temporal: ${temporal.toFixed(1)} s, ${each(temporal)} a leaf`);
  console.log(`  ${await largestHistory(driver.stream)}`);
}

async function ended(driver: ProbeDriver): Promise<{ readonly done: number }> {
  for (;;) {
    const { result } = (await server.gateway.state(driver.stream))?.state ?? {};
    if (result !== undefined) return result as unknown as { readonly done: number };
    await new Promise((later) => setTimeout(later, LOOK_EVERY_MILLISECONDS));
  }
}

function temporalSeconds(): number {
  return coreSecondsByRole().get('Temporal') ?? 0;
}

/** Of the tree: the events of its longest history, and the bytes of its largest. */
async function largestHistory(stream: string): Promise<string> {
  const query = `WorkflowType = '${SPREAD_TYPE}'`;
  let [events, bytes, workflows] = [0, 0, 0];
  for await (const one of server.client.workflow.list({ query })) {
    if (!one.workflowId.startsWith(stream)) continue;
    workflows += 1;
    events = Math.max(events, one.historyLength);
    bytes = Math.max(bytes, one.historySize ?? 0);
  }
  return `${workflows} workflows; the largest history has ${events} events, ${Math.round(bytes / 1_024)} KB`;
}

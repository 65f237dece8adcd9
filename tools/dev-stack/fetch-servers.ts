import { makeKafkaDraft } from './kafka-draft.js';
import { findKafka } from './kafka.server.js';
import { type Step, terminalProgress } from './progress.js';
import { readSettings } from './stack-settings.js';
import { findTemporal } from './temporal.server.js';
import { findTemporalTestServer } from './temporal-test-server.js';

/**
 * Finds or downloads the programs of all servers, so that several stacks starting at once do not
 * download them again.
 */
export async function fetchServers(root: string): Promise<void> {
  const { cache } = readSettings(root, process.env);
  const progress = terminalProgress();
  const { signal } = new AbortController();
  try {
    for (const [title, find] of [
      ['Temporal', findTemporal],
      ['Kafka', fetchKafka],
    ] as const) {
      const step = progress.step(title);
      step.update('looking for it');
      try {
        await find(cache, step, signal);
      } catch (error) {
        step.failed('failed');
        throw error;
      }
      step.done('ready');
    }
    await findTemporalTestServer(cache, progress);
  } finally {
    progress.close();
  }
}

async function fetchKafka(cache: string, step: Step, signal: AbortSignal): Promise<void> {
  const kafka = await findKafka(cache, step, signal);
  step.update('preparing faster starts');
  await makeKafkaDraft(kafka, cache, signal);
}

import { silentProgress, terminalProgress } from '#tools/dev-stack/progress.js';
import { readSettings } from '#tools/dev-stack/stack-settings.js';
import { findTemporal } from '#tools/dev-stack/temporal.server.js';
import { findTemporalTestServer } from '#tools/dev-stack/temporal-test-server.js';

/**
 * Tests with skipped time run on Temporal's test server, whose program is in TEMPORAL_TEST_SERVER.
 * Tests that kill workers start the regular one, whose program is in TEMPORAL_PROGRAM.
 */
export default async function obtainServers(): Promise<void> {
  const progress = process.send ? silentProgress : terminalProgress();
  const { cache } = readSettings(process.cwd(), process.env);
  process.env['TEMPORAL_TEST_SERVER'] ??= await findTemporalTestServer(cache, progress);
  const step = progress.step('Temporal');
  process.env['TEMPORAL_PROGRAM'] ??= await findTemporal(cache, step, new AbortController().signal);
  step.done('ready');
  progress.close();
}

import { terminalProgress } from '#libs/dev-stack/progress.js';
import { readSettings } from '#libs/dev-stack/stack-settings.js';
import { findTemporalTestServer } from '#libs/dev-stack/temporal-test-server.js';

/** Tests with skipped time run on Temporal's own test server; they find its program in TEMPORAL_TEST_SERVER. */
export default async function obtainTestServer(): Promise<void> {
  if (process.env['TEMPORAL_TEST_SERVER']) return;
  const progress = terminalProgress();
  const { cache } = readSettings(process.cwd(), process.env);
  process.env['TEMPORAL_TEST_SERVER'] = await findTemporalTestServer(cache, progress);
  progress.close();
}

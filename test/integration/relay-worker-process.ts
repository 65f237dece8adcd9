// The relay role in its own process: node relay-worker-process.js <category> [milliseconds until it
// gives up]. SIGTERM closes it gracefully.
import { connectEventStore } from '#libs/event-store/eventstoredb-store.js';
import { startRelay } from '#libs/relay/start-relay.js';
import { connectTemporal } from '#libs/runtime/temporal-client.js';
import { logger, openKafka } from './read-path-kit.js';
import { tallyOf } from './tally.js';

const [category = '', giveUpMilliseconds] = process.argv.slice(2);
const temporal = { address: process.env['TEMPORAL_ADDRESS'] ?? '', namespace: 'default' };
const kafka = openKafka(`relay-${process.pid}`);
const running = startRelay({
  ...temporal,
  service: category,
  entities: { [category]: tallyOf(category) },
  client: connectTemporal(temporal),
  kafka,
  store: connectEventStore(process.env['EVENTSTORE_URL'] ?? ''),
  workflowBundle: 'dist/apps/account/workflows.bundle.js',
  logger,
  ...(giveUpMilliseconds !== undefined && { giveUpMilliseconds: Number(giveUpMilliseconds) }),
});

let said = '';
setInterval(() => {
  const { isReady, progress } = running.health();
  const now = `${isReady ? 'ready' : 'not ready'} ${progress[category]?.relayed ?? '-'}\n`;
  if (now !== said) process.stdout.write((said = now));
}, 20);

process.once('SIGTERM', () => {
  void running.close().then(async () => {
    await kafka.close();
    process.exit(0);
  });
});

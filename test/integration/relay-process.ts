// A relay in its own process, to be killed or frozen: node relay-process.js <category>
import { connectEventStore } from '#libs/event-store/eventstoredb-store.js';
import { runRelay } from '#libs/relay/relay.js';
import { logger, openKafka } from './read-path-kit.js';
import { tallyOf } from './tally.js';

const [category = ''] = process.argv.slice(2);
const store = connectEventStore(process.env['EVENTSTORE_URL'] ?? '');

try {
  await runRelay({
    service: category,
    entities: { [category]: tallyOf(category) },
    kafka: openKafka(`relay-${process.pid}`),
    store,
    logger,
    signal: new AbortController().signal,
    onProgress: (_, { relayed }) => process.stdout.write(`relayed ${relayed}\n`),
  });
} catch (error) {
  process.stdout.write(`ended by ${error instanceof Error ? error.name : 'something'}\n`);
  process.exit(1);
}

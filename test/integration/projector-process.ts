// A projector in its own process, to be killed: node projector-process.js <category>
import { connectEventStore } from '#libs/event-store/eventstoredb-store.js';
import { startProjector } from '#libs/read-model/start-projector.js';
import { ledgerView } from './ledger-view.js';
import { logger, openKafka, openPool } from './read-path-kit.js';

const [category = ''] = process.argv.slice(2);
const view = ledgerView(category);

startProjector({
  kafka: openKafka(`projector-${process.pid}`),
  pool: openPool(),
  store: connectEventStore(process.env['EVENTSTORE_URL'] ?? 'esdb://127.0.0.1:2113?tls=false'),
  views: [view],
  groupPrefix: category,
  logger,
});

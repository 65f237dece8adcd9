import { createPerdureClient } from '#libs/client/client.js';
import { PerdureProblem } from '#libs/client/perdure-problem.js';
import { entityByGateway } from '#libs/entity/gateway/entity-by-gateway.js';
import { createEntityGateway } from '#libs/entity/gateway/temporal-entity-gateway.js';
import { connectEventStore } from '#libs/event-store/eventstoredb-store.js';
import { connectTemporal } from '#libs/runtime/temporal-client.js';
import type { bookContract } from '../01-an-entity/book.contract.js';
import { bookDecider } from '../01-an-entity/domain/book.decider.js';
import { Book } from '../01-an-entity/domain/book.kind.js';

const {
  TEMPORAL_ADDRESS = '127.0.0.1:7233',
  EVENTSTORE_URL = 'esdb://127.0.0.1:2113?tls=false&keepAliveInterval=10000',
  LIBRARY_URL = 'http://127.0.0.1:3010',
} = process.env;

const client = connectTemporal({ address: TEMPORAL_ADDRESS, namespace: 'default' });
const store = connectEventStore(EVENTSTORE_URL);
const gateway = createEntityGateway({ client, store, deciders: { book: bookDecider } });

// Sends commands straight to Temporal. Their ids are derived from the occasion, so each command is
// executed once even if this program runs twice.
const fromImport = entityByGateway(gateway, {
  name: 'import',
  occasion: 'stock-2026',
  waitMilliseconds: 10_000,
});
for (const [id, title] of Object.entries({ emma: 'Emma', middlemarch: 'Middlemarch' })) {
  console.log(id, await fromImport(Book, id).send({ type: 'Add', data: { title } }));
}

// Sends commands over REST, which needs no access to the servers, and waits for their outcomes.
const overRest = createPerdureClient<{ book: typeof bookContract }>({
  url: LIBRARY_URL,
  collections: { book: 'books' },
});
try {
  console.log('emma', await overRest.entity('book', 'emma').execute('Return', {}));
} catch (error) {
  if (!(error instanceof PerdureProblem)) throw error;
  console.log('emma', error.status, error.message);
}

// Reads the live state and the events behind it.
console.log('emma', await gateway.state('book-default.emma'));
console.log(
  'emma',
  (await gateway.events('book-default.emma')).map(({ type }) => type),
);

await store.close();
await client.connection.close();

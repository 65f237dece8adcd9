import type { EventStore } from '#libs/event-store/event-store.js';
import { connectEventStore } from '#libs/event-store/eventstoredb-store.js';

const PATIENCE_MILLISECONDS = 30_000;

/**
 * The stack's store, for what a test itself writes and reads. Its long time-outs suit a loaded
 * machine.
 */
export function patientStore(): EventStore {
  const timeouts = { append: PATIENCE_MILLISECONDS, read: PATIENCE_MILLISECONDS };
  return connectEventStore(String(process.env['EVENTSTORE_URL']), timeouts);
}

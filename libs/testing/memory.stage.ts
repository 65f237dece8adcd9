import { pino } from 'pino';
import type { AnyDecider, DomainEvent } from '#libs/core/decider.js';
import { streamName } from '#libs/core/entity-id.js';
import type { Outcome } from '#libs/core/outcome.js';
import { createEntityActivities } from '#libs/entity/activities/entity.activities.js';
import { emptyFold } from '#libs/entity/activities/fold-stream.js';
import { envelopeOf, type TestCommand } from './command-envelope.builder.js';
import { historyOf } from './history.js';
import { MemoryEventStore } from './memory-event-store.js';
import { moment } from './moments.js';
import type { Performance, Stage } from './stage.js';

/** The write path without a server: the real activities on a store in memory. */
export function inMemory(decider: AnyDecider): Stage {
  return { perform: (history, command) => perform(decider, history, command) };
}

async function perform(
  decider: AnyDecider,
  history: readonly DomainEvent[],
  command: TestCommand,
): Promise<Performance> {
  const store = new MemoryEventStore();
  const stream = streamName(decider.name, 'one');
  const now = moment();
  const logger = pino({ level: 'silent' });
  // A scenario may send its command later than its start.
  const activities = createEntityActivities({ decider, store, logger, clockToleranceMilliseconds: Infinity });
  await store.append(stream, -1, historyOf(stream, history));
  const { fold = emptyFold(decider) } = await activities.loadEntity({ stream, now });
  const batch = [envelopeOf(command, 'the command')];
  const { outcomes } = await activities.decideAndAppend({ stream, fold, batch, now, searchStream: false });
  const written = store.eventsOf(stream).slice(history.length);
  return { outcome: outcomes[0] as Outcome, events: written.map(({ type, data }) => ({ type, data })) };
}

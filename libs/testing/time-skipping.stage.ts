import { randomUUID } from 'node:crypto';
import type { DomainEvent } from '#libs/core/decider.js';
import { streamName } from '#libs/core/entity-id.js';
import { envelopeOf, type TestCommand } from './command-envelope.builder.js';
import { historyOf } from './history.js';
import { outcomeIn } from './outcome-in.js';
import type { Performance, Stage } from './stage.js';
import type { TimeSkippingServer } from './time-skipping-server.js';

const PATIENCE_MILLISECONDS = 20_000;

/**
 * The write path on a server: the real workflow, woken by the command, on a history in the store.
 */
export function onTimeSkippingServer(category: string, server: TimeSkippingServer): Stage {
  return { perform: (history, command) => perform(category, server, history, command) };
}

async function perform(
  category: string,
  { store, gateway }: TimeSkippingServer,
  history: readonly DomainEvent[],
  command: TestCommand,
): Promise<Performance> {
  const stream = streamName(category, randomUUID());
  await store.append(stream, -1, historyOf(stream, history));
  const envelope = envelopeOf(command, `${stream} the command`);
  const outcome = outcomeIn(await gateway.execute(stream, [envelope], PATIENCE_MILLISECONDS));
  const written = store.eventsOf(stream).slice(history.length, outcome.revision + 1);
  return { outcome, events: written.map(({ type, data }) => ({ type, data })) };
}

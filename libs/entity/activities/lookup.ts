import { Counter } from 'prom-client';
import type { AnyDecider } from '#libs/core/decider.js';
import { parseStreamName } from '#libs/core/entity-id.js';
import type { RecordedEvent } from '#libs/event-store/event-store.js';
import type { Patience } from './patience.js';
import type { SearchBudget, SearchedStreams } from './searched-streams.js';

const unknownOutcomes = new Counter({
  name: 'perdure_commands_unknown_total',
  help: 'Commands not decided because it could not be known whether they, or names in them, were used before',
  labelNames: ['category'],
});

/** Counts commands of a stream that were not decided. */
export function countUnknown(stream: string, commands: number): void {
  unknownOutcomes.inc({ category: parseStreamName(stream)?.category ?? stream }, commands);
}

/** Where one attempt looks up old commands and names, and how much that may cost. */
export interface Lookup {
  readonly streams: SearchedStreams;
  /** For PostgreSQL. */
  readonly patience: Patience;
  /** For events that are read. */
  readonly budget: SearchBudget;
}

/** The key in `SearchedStreams` of a command id or key id. */
export function commandKey(id: string): string {
  return `command ${id}`;
}

/** The key in `SearchedStreams` of a name inside an entity. */
export function nameKey(name: string): string {
  return `name ${name}`;
}

/** All keys of an event. */
export function keysOf(
  { type, data, metadata: { commandId, keyId } }: RecordedEvent,
  decider?: Pick<AnyDecider, 'names'>,
): readonly string[] {
  const ids = keyId === undefined || keyId === commandId ? [commandId] : [commandId, keyId];
  return [...ids.map(commandKey), ...(decider?.names?.({ type, data }) ?? []).map(nameKey)];
}

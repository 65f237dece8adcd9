import type { EventStore } from '#libs/event-store/event-store.js';
import { answerSoon } from './answer-soon.js';
import type { CommandIndex, IndexAnswer } from './command-index.js';
import type { SettledCommands } from './settled-commands.js';

const NOTHING: IndexAnswer = { revision: -1, commands: [] };

/**
 * Adds to `settled` what a stream ever settled under these ids of commands or keys, up to a revision: as far as there is an
 * index from it, and beyond that from the events. So the answer is whole however far behind the index is.
 */
export async function searchCommands(
  store: EventStore,
  index: CommandIndex | undefined,
  stream: string,
  ids: readonly string[],
  settled: SettledCommands,
  upTo?: number,
): Promise<void> {
  const indexed = (index && (await answerSoon(index.find(stream, ids)))) ?? NOTHING;
  for (const command of indexed.commands) settled.learn(command);
  const from = indexed.revision + 1;
  const limit = upTo === undefined ? undefined : upTo - from + 1;
  if (limit === undefined || limit > 0) {
    const range = { from, ...(limit !== undefined && { limit }) };
    for await (const event of store.read(stream, range)) settled.see(event);
  }
}

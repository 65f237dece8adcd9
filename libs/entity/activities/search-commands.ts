import type { CommandIndex, IndexAnswer } from './command-index.js';
import { commandKey, type Lookup } from './lookup.js';
import type { SettledCommands } from './settled-commands.js';

const NOTHING: IndexAnswer = { revision: -1, commands: [] };

/**
 * Adds to `settled` what a stream ever settled under these ids of commands or keys, up to a revision: as far as there is an
 * index from it, and beyond that from the events. The answer is the revision from which on everything is known: above 0 where
 * there is too much to be read at once.
 */
export async function searchCommands(
  { streams, patience, budget }: Lookup,
  index: CommandIndex | undefined,
  stream: string,
  ids: readonly string[],
  settled: SettledCommands,
  upTo: number,
): Promise<number> {
  const indexed = (index && (await patience.answerTo(() => index.find(stream, ids)))) ?? NOTHING;
  for (const command of indexed.commands) settled.learn(command);
  const keys = ids.map(commandKey);
  const above = indexed.revision;
  const { events, from } = await streams.find({ stream, keys, above, upTo }, budget);
  for (const event of events) settled.see(event);
  return from <= above + 1 ? 0 : from;
}

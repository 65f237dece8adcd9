import type { CommandIndex, IndexAnswer } from './command-index.js';
import { commandKey, type Lookup } from './lookup.js';
import type { SettledCommands } from './settled-commands.js';

const NOTHING: IndexAnswer = { revision: -1, commands: [] };

/**
 * Adds to `settled` the commands that a stream has settled under these ids or keys, up to a
 * revision. They come from the index as far as it reaches, and from the events after that. Returns
 * the revision from which on everything is known: above 0 if there was too much to read at once.
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

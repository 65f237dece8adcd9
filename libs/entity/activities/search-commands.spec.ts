import { expect, it } from '@jest/globals';
import type { EventToAppend } from '#libs/event-store/event-store.js';
import { historyOf } from '#libs/testing/history.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { Patience } from './patience.js';
import type { CommandIndex, IndexedCommand } from './command-index.js';
import { keysOf, type Lookup } from './lookup.js';
import { searchCommands } from './search-commands.js';
import { SearchBudget, SearchedStreams } from './searched-streams.js';
import { SettledCommands } from './settled-commands.js';

const stream = 'account-default.one';
const commands = ['a', 'b', 'c'];

/** Three commands of two events each, the second under a key. */
const events = historyOf(
  stream,
  Array.from({ length: 6 }, () => ({ type: 'Happened', data: {} })),
).map((event, index): EventToAppend => {
  const commandId = commands[Math.floor(index / 2)] ?? '';
  const keyed = commandId === 'b' ? { keyId: 'key' } : {};
  return { ...event, metadata: { ...event.metadata, commandId, ...keyed, index: index % 2, count: 2 } };
});

/**
 * An index that has come as far as `revision`, in the middle of a command maybe; it may know later
 * commands, too.
 */
function indexUpTo(revision: number, rowsUpTo = revision): CommandIndex {
  const known = new Map<string, IndexedCommand>();
  for (const [at, { type, metadata }] of events.slice(0, rowsUpTo + 1).entries()) {
    const { commandId, keyId = commandId } = metadata;
    const types = [...(known.get(commandId)?.outcome.events ?? []), type];
    const outcome = { status: 'accepted', commandId, revision: at, events: types, at: metadata.at } as const;
    known.set(commandId, { keyId, outcome });
  }
  const find = async (_: string, ids: readonly string[]) => ({
    revision,
    commands: [...known.values()].filter(
      ({ keyId, outcome }) => ids.includes(keyId) || ids.includes(outcome.commandId),
    ),
  });
  return { find };
}

function lookupIn(store: MemoryEventStore): Lookup {
  const streams = new SearchedStreams(store, (event) => keysOf(event));
  return { streams, patience: new Patience(), budget: new SearchBudget() };
}

async function settledBy(index: CommandIndex | undefined) {
  const store = new MemoryEventStore();
  await store.append(stream, -1, events);
  const settled = new SettledCommands();
  const ids = ['a', 'b', 'key', 'c', 'unknown'];
  expect(await searchCommands(lookupIn(store), index, stream, ids, settled, 5)).toBe(0);
  return {
    // Only events say who sent a command; an index does not.
    outcomes: [...commands, 'unknown'].map((id) => {
      const outcome = settled.outcomeOf(id);
      return outcome && { ...outcome, actor: undefined };
    }),
    underKey: settled.commandUnder('key'),
  };
}

it.each([-1, 0, 1, 2, 3, 4, 5])(
  'finds with an index up to revision %i what is in the whole stream',
  async (revision) => {
    const whole = await settledBy(undefined);
    expect(whole.outcomes.map((outcome) => outcome?.revision)).toEqual([1, 3, 5, undefined]);
    expect(whole.underKey).toBe('b');
    expect(await settledBy(indexUpTo(revision))).toEqual(whole);
    expect(await settledBy(indexUpTo(revision, 5))).toEqual(whole);
  },
);

it('reads only what the index has not come to', async () => {
  const reads: unknown[] = [];
  const store = new (class extends MemoryEventStore {
    override read(...args: Parameters<MemoryEventStore['read']>) {
      reads.push(args[1]);
      return super.read(...args);
    }
  })();
  await searchCommands(lookupIn(store), indexUpTo(3), stream, ['a'], new SettledCommands(), 5);
  await searchCommands(lookupIn(store), indexUpTo(5), stream, ['a'], new SettledCommands(), 5);
  expect(reads).toEqual([{ from: 4, limit: 2 }]);
});

it.each([
  ['fails', () => Promise.reject(new Error('away'))],
  ['does not answer', () => new Promise<never>(() => undefined)],
])('reads the stream when the index %s', async (_, find) => {
  expect(await settledBy({ find })).toEqual(await settledBy(undefined));
});

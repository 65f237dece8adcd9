import type { Client } from '@temporalio/client';
import type { AnyDecider } from '#libs/core/decider.js';
import type { JsonObject } from '#libs/core/json.js';
import { parseStreamName } from '#libs/core/entity-id.js';
import { UnknownVersionError } from '#libs/core/upcast.js';
import type { Outcome } from '#libs/core/outcome.js';
import { isOutcomeUnknown } from '#libs/core/outcome-unknown.js';
import { firstOutcome } from '#libs/entity/activities/answer-known.js';
import { Patience } from '#libs/entity/activities/patience.js';
import type { CommandIndex } from '#libs/entity/activities/command-index.js';
import { keysOf } from '#libs/entity/activities/lookup.js';
import type { OutcomeMemory } from '#libs/entity/activities/outcome-memory.js';
import { searchCommands } from '#libs/entity/activities/search-commands.js';
import { SearchBudget, SearchedStreams } from '#libs/entity/activities/searched-streams.js';
import { SettledCommands } from '#libs/entity/activities/settled-commands.js';
import { foldFromSnapshot, readSnapshot } from '#libs/entity/activities/snapshots.js';
import {
  type Fold,
  RECEIPT_QUERY,
  type RecentReceipt,
  STATE_QUERY,
} from '#libs/entity/protocol/entity-messages.js';
import type { EventStore, ReadOptions, RecordedEvent } from '#libs/event-store/event-store.js';
import { upcastingStore } from '#libs/event-store/upcasting-store.js';
import { findInHistory } from './command-history.js';
import {
  EngineUnavailableError,
  type EntityGateway,
  type LiveState,
  type Receipt,
} from './entity-gateway.js';
import { SharedReads } from './shared-reads.js';
import { TemporalCommandDoor } from './temporal-command-door.js';
import { TemporalEntityMessages } from './temporal-entity-messages.js';

type Known = Exclude<RecentReceipt, { status: 'unknown' }>;

export interface EntityGatewayOptions {
  readonly client: Client;
  readonly store: EventStore;
  /**
   * The deciders of the categories whose live state can be read. Commands can be sent to any
   * category.
   */
  readonly deciders: Readonly<Record<string, AnyDecider>>;
  /** By category. Without an index, old receipts are searched for in the whole stream. */
  readonly commandIndexes?: Readonly<Record<string, CommandIndex>>;
  /** Remembers old outcomes that are not in the streams. */
  readonly outcomeMemory?: OutcomeMemory;
}

/** The gateway to the entities, on Temporal and the event store. */
export function createEntityGateway(options: EntityGatewayOptions): EntityGateway {
  const upcasts = Object.entries(options.deciders).map(([name, decider]) => {
    return [name, decider.upcasts ?? {}] as const;
  });
  const store = upcastingStore(options.store, Object.fromEntries(upcasts));
  return new TemporalEntityGateway({ ...options, store });
}

class TemporalEntityGateway implements EntityGateway {
  private readonly messages: TemporalEntityMessages;
  private readonly door: TemporalCommandDoor;
  private readonly searched: SearchedStreams;
  private readonly streams = new SharedReads((stream, ids) => this.findInStream(stream, ids));
  private readonly histories = new SharedReads((stream, ids) => {
    return findInHistory(this.options.client, stream, ids);
  });

  constructor(private readonly options: EntityGatewayOptions) {
    this.messages = new TemporalEntityMessages(options.client);
    this.door = new TemporalCommandDoor(this.messages, (...of) => this.receipt(...of));
    this.searched = new SearchedStreams(options.store, (event) => keysOf(event));
  }

  send(...of: Parameters<EntityGateway['send']>): Promise<void> {
    return this.door.send(...of);
  }

  execute(...of: Parameters<EntityGateway['execute']>): Promise<readonly Receipt[]> {
    return this.door.execute(...of);
  }

  wake(stream: string): Promise<void> {
    return this.messages.signal(stream, []);
  }

  async state(stream: string): Promise<LiveState | undefined> {
    const { store } = this.options;
    const decider = this.deciderOf(stream);
    const known = await this.messages.query<Fold | null>(stream, STATE_QUERY).catch(ignoreAway);
    const isUsable = known && known.stateVersion === decider.stateVersion;
    const fold = isUsable ? known : await reading(() => foldFromSnapshot(decider, store, stream));
    const { revision, hash, state } = fold;
    return revision < 0 ? undefined : { revision, state, ...(hash !== undefined && { hash }) };
  }

  async ask(stream: string): Promise<JsonObject | undefined> {
    if (this.hasDecider(stream)) return (await this.state(stream))?.state;
    const ask = () => this.messages.query<Fold | null>(stream, STATE_QUERY);
    let fold = await ask();
    if (!fold) {
      // Only its own service can fold its stream. Waking an entity that does not exist would create
      // a workflow.
      if ((await reading(() => this.lastRevision(stream))) < 0) return undefined;
      await this.wake(stream);
      fold = await ask();
    }
    if (!fold) throw new EngineUnavailableError('worker');
    return fold.revision < 0 ? undefined : fold.state;
  }

  async receipt(stream: string, commandId: string): Promise<Receipt | undefined> {
    let away: EngineUnavailableError | undefined;
    const recent = await this.messages
      .query<RecentReceipt>(stream, RECEIPT_QUERY, commandId)
      .catch((error: unknown) => {
        away = ignoreAwayButKeep(error);
        return undefined;
      });
    const isKnown = recent && recent.status !== 'unknown';
    if (isKnown && !isUnknown(recent)) return toReceipt(recent, commandId);
    const { settled, from } = await this.streams.find(stream, commandId);
    if (settled) return settled;
    // The entity did not answer, but its history shows which commands it received and their
    // outcomes.
    const told = away && (await this.histories.find(stream, commandId));
    if (told && !isUnknown(told)) return toReceipt(told, commandId);
    const left = (await this.findInSnapshot(stream, commandId)) ?? (await this.findKept(stream, commandId));
    const isLeft = left && !isUnknown(left);
    // A remembered outcome is final unless the stream has a later one. So the search of the stream
    // must have covered everything after it.
    if (from > (isLeft ? left.revision : -1) + 1) throw new EngineUnavailableError('postgres');
    if (isLeft) return left;
    if (isKnown) return toReceipt(recent, commandId);
    if (away) throw away;
    return left;
  }

  async events(stream: string, options?: ReadOptions): Promise<readonly RecordedEvent[]> {
    return reading(async () => {
      const events: RecordedEvent[] = [];
      for await (const event of this.options.store.read(stream, options)) events.push(event);
      return events;
    });
  }

  private hasDecider(stream: string): boolean {
    return Object.hasOwn(this.options.deciders, parseStreamName(stream)?.category ?? '');
  }

  private deciderOf(stream: string): AnyDecider {
    const decider = this.options.deciders[parseStreamName(stream)?.category ?? ''];
    if (!decider) throw new TypeError(`no state of ${stream} is known here`);
    return decider;
  }

  /** Outcomes of commands that were rejected long ago are only in the outcome memory. */
  private async findKept(stream: string, commandId: string): Promise<Outcome | undefined> {
    const { outcomeMemory: memory } = this.options;
    if (!memory) return undefined;
    try {
      const found = await memory.find(stream, [commandId]);
      return firstOutcome(found.find((kept) => kept.commandId === commandId));
    } catch (error) {
      throw new EngineUnavailableError('postgres', { cause: error });
    }
  }

  /**
   * The snapshot of an entity holds its latest outcomes, including rejections of commands without a
   * key.
   */
  private async findInSnapshot(stream: string, commandId: string): Promise<Outcome | undefined> {
    const { store } = this.options;
    const snapshot = await reading(() => readSnapshot(store, stream));
    return snapshot?.ring.entries.find(({ outcome }) => outcome.commandId === commandId)?.outcome;
  }

  /** Searches the stream. `from` is the revision at which the search began. */
  private findInStream(
    stream: string,
    commandIds: readonly string[],
  ): Promise<readonly { readonly settled: Receipt | undefined; readonly from: number }[]> {
    const { commandIndexes = {} } = this.options;
    const index = commandIndexes[parseStreamName(stream)?.category ?? ''];
    return reading(async () => {
      const settled = new SettledCommands();
      const upTo = await this.lastRevision(stream);
      const lookup = { streams: this.searched, patience: new Patience(), budget: new SearchBudget() };
      const from = await searchCommands(lookup, index, stream, commandIds, settled, upTo);
      return commandIds.map((id) => ({ settled: settled.outcomeOf(id), from }));
    });
  }

  private async lastRevision(stream: string): Promise<number> {
    const last = { direction: 'backwards', limit: 1 } as const;
    for await (const { revision } of this.options.store.read(stream, last)) return revision;
    return -1;
  }
}

function isUnknown(told: Receipt | RecentReceipt): boolean {
  return told.status === 'rejected' && isOutcomeUnknown(told);
}

function toReceipt(told: Known, commandId: string): Receipt {
  return told.status === 'pending' ? { ...told, commandId } : told;
}

function ignoreAway(error: unknown): undefined {
  ignoreAwayButKeep(error);
  return undefined;
}

/** If Temporal or the worker is unavailable, the stream can still answer. */
function ignoreAwayButKeep(error: unknown): EngineUnavailableError {
  if (error instanceof EngineUnavailableError) return error;
  throw error;
}

async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof UnknownVersionError) throw error;
    throw new EngineUnavailableError('event-store', { cause: error });
  }
}

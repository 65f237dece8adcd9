import type { Client } from '@temporalio/client';
import type { AnyDecider } from '#libs/core/decider.js';
import { parseStreamName } from '#libs/core/entity-id.js';
import { UnknownVersionError } from '#libs/core/upcast.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
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
  type Settled,
  STATE_QUERY,
} from '#libs/entity/protocol/entity-messages.js';
import type { EventStore, ReadOptions, RecordedEvent } from '#libs/event-store/event-store.js';
import { upcastingStore } from '#libs/event-store/upcasting-store.js';
import { findInHistory } from './command-history.js';
import {
  EngineUnavailableError,
  type EntityGateway,
  type LiveState,
  OutcomeUnknownError,
  type Receipt,
} from './entity-gateway.js';
import { GroupCommit } from './group-commit.js';
import { handOver } from './hand-over.js';
import { SharedReads } from './shared-reads.js';
import { MESSAGE_LIMITS, TemporalEntityMessages } from './temporal-entity-messages.js';

const LIMITS = { ...MESSAGE_LIMITS, waiting: 2_000 };

type Known = Exclude<RecentReceipt, { status: 'unknown' }>;

export interface EntityGatewayOptions {
  readonly client: Client;
  readonly store: EventStore;
  /** Of the categories whose live state is asked for; commands go to any. */
  readonly deciders: Readonly<Record<string, AnyDecider>>;
  /** By category; without one, old receipts are looked for in the whole stream. */
  readonly commandIndexes?: Readonly<Record<string, CommandIndex>>;
  /** Tells of old commands that streams do not tell of. */
  readonly outcomeMemory?: OutcomeMemory;
}

/** The door to the entities, over Temporal and the event store. */
export function createEntityGateway(options: EntityGatewayOptions): EntityGateway {
  const upcasts = Object.entries(options.deciders).map(([name, decider]) => {
    return [name, decider.upcasts ?? {}] as const;
  });
  const store = upcastingStore(options.store, Object.fromEntries(upcasts));
  return new TemporalEntityGateway({ ...options, store });
}

class TemporalEntityGateway implements EntityGateway {
  private readonly messages: TemporalEntityMessages;
  private readonly signals: GroupCommit<CommandEnvelope, void>;
  private readonly updates: GroupCommit<CommandEnvelope, Settled>;
  private readonly searched: SearchedStreams;
  private readonly streams = new SharedReads((stream, ids) => this.findInStream(stream, ids));
  private readonly histories = new SharedReads((stream, ids) => {
    return findInHistory(this.options.client, stream, ids);
  });

  constructor(private readonly options: EntityGatewayOptions) {
    this.messages = new TemporalEntityMessages(options.client);
    this.searched = new SearchedStreams(options.store, (event) => keysOf(event));
    this.signals = new GroupCommit(async (stream, envelopes) => {
      await this.messages.signal(stream, envelopes);
      return envelopes.map(() => undefined);
    }, LIMITS);
    this.updates = new GroupCommit((...args) => this.messages.update(...args), LIMITS);
  }

  async send(stream: string, envelope: CommandEnvelope): Promise<void> {
    return this.signals.submit(stream, envelope).result;
  }

  wake(stream: string): Promise<void> {
    return this.messages.signal(stream, []);
  }

  async execute(
    stream: string,
    envelope: CommandEnvelope,
    waitMilliseconds: number,
    closing?: AbortSignal,
  ): Promise<Receipt> {
    const { result, ...update } = this.updates.submit(stream, envelope);
    const [receipt] = await handOver(
      {
        commandIds: [envelope.commandId],
        update: { ...update, settled: result.then((settled) => [settled]) },
        signal: () => this.send(stream, envelope),
        receiptOf: (commandId) => this.receipt(stream, commandId),
      },
      waitMilliseconds,
      closing,
    );
    if (!receipt || isUnknown(receipt)) throw new OutcomeUnknownError([envelope.commandId]);
    return receipt;
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
    // The entity could not be asked: its history tells what it was sent, and what became of it.
    const told = away && (await this.histories.find(stream, commandId));
    if (told && !isUnknown(told)) return toReceipt(told, commandId);
    const left = (await this.findInSnapshot(stream, commandId)) ?? (await this.findKept(stream, commandId));
    const isLeft = left && !isUnknown(left);
    // What was kept is final, unless the stream says otherwise after it; that far it has to be searched.
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

  private deciderOf(stream: string): AnyDecider {
    const decider = this.options.deciders[parseStreamName(stream)?.category ?? ''];
    if (!decider) throw new TypeError(`no state of ${stream} is known here`);
    return decider;
  }

  /** Whether it was rejected long ago nobody but the memory can tell. */
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

  /** An entity at rest has left its ring behind, rejections without a key included. */
  private async findInSnapshot(stream: string, commandId: string): Promise<Outcome | undefined> {
    const { store } = this.options;
    const snapshot = await reading(() => readSnapshot(store, stream));
    return snapshot?.ring.entries.find(({ outcome }) => outcome.commandId === commandId)?.outcome;
  }

  /** `from`: the first revision from which on it is known what the stream settled. */
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

/** A worker or Temporal that is away is no reason to fail what the stream can answer. */
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

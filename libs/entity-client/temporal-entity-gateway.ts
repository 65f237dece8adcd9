import type { Client } from '@temporalio/client';
import type { AnyDecider } from '#libs/decider/decider.js';
import { parseStreamName } from '#libs/decider/entity-id.js';
import { UnknownVersionError } from '#libs/decider/upcast.js';
import type { CommandEnvelope } from '#libs/decider/envelope.js';
import { firstOutcome } from '#libs/entity-activities/answer-known.js';
import type { CommandIndex } from '#libs/entity-activities/command-index.js';
import type { OutcomeMemory } from '#libs/entity-activities/outcome-memory.js';
import { searchCommands } from '#libs/entity-activities/search-commands.js';
import { SettledCommands } from '#libs/entity-activities/settled-commands.js';
import { foldFromSnapshot, readSnapshot } from '#libs/entity-activities/snapshots.js';
import {
  type Fold,
  RECEIPT_QUERY,
  type RecentReceipt,
  type Settled,
  STATE_QUERY,
} from '#libs/entity-workflow/entity-messages.js';
import type { EventStore, ReadOptions, RecordedEvent } from '#libs/event-store/event-store.js';
import { upcastingStore } from '#libs/event-store/upcasting-store.js';
import { findInHistory } from './command-history.js';
import {
  EngineUnavailableError,
  type EntityGateway,
  type LiveState,
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
  private readonly streams = new SharedReads((stream, ids) => this.findInStream(stream, ids));
  private readonly histories = new SharedReads((stream, ids) => {
    return findInHistory(this.options.client, stream, ids);
  });

  constructor(private readonly options: EntityGatewayOptions) {
    this.messages = new TemporalEntityMessages(options.client);
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
    return receipt as Receipt;
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
    if (recent && recent.status !== 'unknown') return toReceipt(recent, commandId);
    const settled = await this.streams.find(stream, commandId);
    if (settled) return settled;
    // The entity could not be asked: its history tells what it was sent, and what became of it.
    const told = away && (await this.histories.find(stream, commandId));
    if (told) return toReceipt(told, commandId);
    const left = (await this.findInSnapshot(stream, commandId)) ?? (await this.findKept(stream, commandId));
    if (left || !away) return left;
    throw away;
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
  private async findKept(stream: string, commandId: string): Promise<Receipt | undefined> {
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
  private async findInSnapshot(stream: string, commandId: string): Promise<Receipt | undefined> {
    const { store } = this.options;
    const snapshot = await reading(() => readSnapshot(store, stream));
    return snapshot?.ring.entries.find(({ outcome }) => outcome.commandId === commandId)?.outcome;
  }

  private findInStream(
    stream: string,
    commandIds: readonly string[],
  ): Promise<readonly (Receipt | undefined)[]> {
    const { store, commandIndexes = {} } = this.options;
    const index = commandIndexes[parseStreamName(stream)?.category ?? ''];
    return reading(async () => {
      const settled = new SettledCommands();
      await searchCommands(store, index, stream, commandIds, settled);
      return commandIds.map((commandId) => settled.outcomeOf(commandId));
    });
  }
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

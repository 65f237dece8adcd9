import type { Client } from '@temporalio/client';
import type { CommandIndex } from '#libs/entity/activities/command-index.js';
import type { OutcomeMemory } from '#libs/entity/activities/outcome-memory.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { Patience } from '#libs/entity/activities/patience.js';
import { firstOutcome } from '#libs/entity/activities/answer-known.js';
import { keysOf } from '#libs/entity/activities/lookup.js';
import { searchCommands } from '#libs/entity/activities/search-commands.js';
import { SearchBudget, SearchedStreams } from '#libs/entity/activities/searched-streams.js';
import { SettledCommands } from '#libs/entity/activities/settled-commands.js';
import { readSnapshot } from '#libs/entity/activities/snapshots.js';
import { actingIn } from '#libs/core/acting.js';
import { parseStreamName } from '#libs/core/entity-id.js';
import type { Accepted, Outcome } from '#libs/core/outcome.js';
import { isOutcomeUnknown } from '#libs/core/outcome-unknown.js';
import { RECEIPT_QUERY, type RecentReceipt } from '#libs/entity/protocol/entity-messages.js';
import { findInHistory } from './command-history.js';
import { EngineUnavailableError, type Receipt } from './entity-gateway.js';
import { EvenReads } from './even-reads.js';
import { lastRevision } from '#libs/event-store/stream-end.js';
import { ignoreAwayButKeep, reading } from './reading.js';
import { SharedReads } from './shared-reads.js';
import type { TemporalEntityMessages } from './temporal-entity-messages.js';

type Known = Exclude<RecentReceipt, { status: 'unknown' }>;

/** Where receipts are found. */
export interface ReceiptSources {
  readonly client: Client;
  readonly store: EventStore;
  /** By category. Without an index, old receipts are searched for in the whole stream. */
  readonly commandIndexes?: Readonly<Record<string, CommandIndex>>;
  /** Remembers old outcomes that are not in the streams. */
  readonly outcomeMemory?: OutcomeMemory;
}

/** What the search of a stream has found. */
interface Found {
  readonly settled: Accepted | undefined;
  /** The revision at which the search began. */
  readonly from: number;
  /** Whether an event was read to find out who sent it. */
  readonly isActorRead: boolean;
}

/** The most reads after and besides the search: the event of the command, a snapshot, its event. */
const READS_BESIDES_THE_SEARCH = 3;

/** Finds the receipts of commands, wherever their outcomes are. */
export class ReceiptFinder {
  private readonly searched: SearchedStreams;
  private readonly streams = new SharedReads((stream, ids) => this.findInStream(stream, ids));
  private readonly histories = new SharedReads((stream, ids) => {
    return findInHistory(this.options.client, stream, ids);
  });

  constructor(
    private readonly options: ReceiptSources,
    private readonly messages: TemporalEntityMessages,
  ) {
    this.searched = new SearchedStreams(options.store, (event) => keysOf(event));
  }

  /**
   * The receipt of a command, or undefined if the entity never received it. With `onlyFor`, a
   * command that another caller sent is answered like one that was never received, and after as
   * many reads.
   */
  async find(stream: string, commandId: string, onlyFor?: string): Promise<Receipt | undefined> {
    const ofSender = <T extends { readonly actor?: string }>(told: T | undefined): T | undefined => {
      return onlyFor === undefined || told?.actor === onlyFor ? told : undefined;
    };
    let away: EngineUnavailableError | undefined;
    const answer = await this.messages
      .query<RecentReceipt>(stream, RECEIPT_QUERY, commandId)
      .catch((error: unknown) => {
        away = ignoreAwayButKeep(error);
        return undefined;
      });
    const recent = answer?.status === 'unknown' ? undefined : ofSender(answer);
    if (recent && !isUnknown(recent)) return toReceipt(recent, commandId);
    const found = await this.streams.find(stream, commandId);
    const settled = ofSender(found.settled);
    if (settled) return settled;
    // The entity did not answer, but its history shows which commands it received and their
    // outcomes.
    const told = away && ofSender(await this.histories.find(stream, commandId));
    if (told && !isUnknown(told)) return toReceipt(told, commandId);
    const reads = new EvenReads(this.options.store, found.isActorRead ? 1 : 0);
    const left =
      ofSender(await this.findInSnapshot(reads, stream, commandId)) ??
      ofSender(await this.findKept(stream, commandId));
    const isLeft = left && !isUnknown(left);
    // A remembered outcome is final unless the stream has a later one. So the search of the stream
    // must have covered everything after it.
    if (found.from > (isLeft ? left.revision : -1) + 1) throw new EngineUnavailableError('postgres');
    if (isLeft) return left;
    if (recent) return toReceipt(recent, commandId);
    if (away) throw away;
    if (onlyFor !== undefined) await reading(() => reads.fillUp(READS_BESIDES_THE_SEARCH));
    return left;
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
  private async findInSnapshot(
    reads: EvenReads,
    stream: string,
    commandId: string,
  ): Promise<Outcome | undefined> {
    const snapshot = await reading(() => readSnapshot(reads, stream));
    return snapshot?.ring.entries.find(({ outcome }) => outcome.commandId === commandId)?.outcome;
  }

  private findInStream(stream: string, commandIds: readonly string[]): Promise<readonly Found[]> {
    const { commandIndexes = {} } = this.options;
    const index = commandIndexes[parseStreamName(stream)?.category ?? ''];
    return reading(async () => {
      const settled = new SettledCommands();
      const upTo = await lastRevision(this.options.store, stream);
      const lookup = { streams: this.searched, patience: new Patience(), budget: new SearchBudget() };
      const from = await searchCommands(lookup, index, stream, commandIds, settled, upTo);
      return Promise.all(
        commandIds.map(async (id) => {
          const outcome = settled.outcomeOf(id);
          const isActorRead = outcome !== undefined && outcome.actor === undefined;
          return {
            settled: isActorRead ? await this.withActor(stream, outcome) : outcome,
            from,
            isActorRead,
          };
        }),
      );
    });
  }

  /** Adds who sent an accepted command. Its events say so; the index does not. */
  private async withActor(stream: string, outcome: Accepted): Promise<Accepted> {
    const ofCommand = { from: outcome.revision, limit: 1 };
    for await (const { metadata } of this.options.store.read(stream, ofCommand)) {
      return { ...outcome, ...actingIn(metadata) };
    }
    return outcome;
  }
}

function isUnknown(told: Receipt | RecentReceipt): boolean {
  return told.status === 'rejected' && isOutcomeUnknown(told);
}

function toReceipt(told: Known, commandId: string): Receipt {
  return told.status === 'pending' ? { ...told, commandId } : told;
}

import type { AnyDecider } from '#libs/core/decider.js';
import type { JsonObject } from '#libs/core/json.js';
import { parseStreamName } from '#libs/core/entity-id.js';
import { belongsTo, type Party } from '#libs/core/party.js';
import { foldFromSnapshot } from '#libs/entity/activities/snapshots.js';
import { type Fold, STATE_QUERY } from '#libs/entity/protocol/entity-messages.js';
import type { Partitions } from '#libs/entity/protocol/task-queues.js';
import type { ReadOptions, RecordedEvent } from '#libs/event-store/event-store.js';
import { upcastingStore } from '#libs/event-store/upcasting-store.js';
import { GrowingPause } from '#libs/runtime/growing-pause.js';
import {
  EngineUnavailableError,
  type EntityGateway,
  type LiveState,
  type Receipt,
} from './entity-gateway.js';
import { EvenReads } from './even-reads.js';
import { lastRevision } from '#libs/event-store/stream-end.js';
import { ignoreAwayButKeep, reading } from './reading.js';
import { ReceiptFinder, type ReceiptSources } from './receipt-finder.js';
import { TemporalCommandDoor } from './temporal-command-door.js';
import { TemporalEntityMessages } from './temporal-entity-messages.js';
import { tracedExecute, tracedSend } from './traced-door.js';

export interface EntityGatewayOptions extends ReceiptSources {
  /**
   * The deciders of the categories whose live state can be read. Commands can be sent to any
   * category.
   */
  readonly deciders: Readonly<Record<string, AnyDecider>>;
  /** Default: no task queue is divided. */
  readonly partitions?: Partitions | undefined;
}

/** The gateway to the entities, on Temporal and the event store. */
export function createEntityGateway(options: EntityGatewayOptions): EntityGateway {
  const upcasts = Object.entries(options.deciders).map(([name, decider]) => {
    return [name, decider.upcasts ?? {}] as const;
  });
  const store = upcastingStore(options.store, Object.fromEntries(upcasts));
  return new TemporalEntityGateway({ ...options, store });
}

/** The most reads of the store for one state: a snapshot, its event, and the events after it. */
const READS_OF_A_STATE = 3;

/** How long a question waits for an entity that is being loaded. */
const LOADING_MILLISECONDS = 5_000;

class TemporalEntityGateway implements EntityGateway {
  private readonly messages: TemporalEntityMessages;
  private readonly door: TemporalCommandDoor;
  private readonly receipts: ReceiptFinder;

  constructor(private readonly options: EntityGatewayOptions) {
    this.messages = new TemporalEntityMessages(options.client, options.partitions);
    this.door = new TemporalCommandDoor(this.messages, (...of) => this.receipt(...of));
    this.receipts = new ReceiptFinder(options, this.messages);
  }

  send(...of: Parameters<EntityGateway['send']>): Promise<void> {
    return tracedSend(this.door, ...of);
  }

  execute(...of: Parameters<EntityGateway['execute']>): Promise<readonly Receipt[]> {
    return tracedExecute(this.door, ...of);
  }

  wake(stream: string): Promise<void> {
    return this.messages.signal(stream, []);
  }

  async state(stream: string, onlyFor?: Party): Promise<LiveState | undefined> {
    const reads = new EvenReads(this.options.store);
    const decider = this.deciderOf(stream);
    const known = await this.messages.query<Fold | null>(stream, STATE_QUERY).catch(ignoreAway);
    const isUsable = known && known.stateVersion === decider.stateVersion;
    const fold = isUsable ? known : await reading(() => foldFromSnapshot(decider, reads, stream));
    const { revision, hash, state } = fold;
    const isShown = onlyFor === undefined || belongsTo(decider, state, onlyFor);
    if (revision >= 0 && isShown) return { revision, state, ...(hash !== undefined && { hash }) };
    if (onlyFor !== undefined) await reading(() => reads.fillUp(READS_OF_A_STATE));
    return undefined;
  }

  async ask(stream: string): Promise<JsonObject | undefined> {
    if (this.hasDecider(stream)) return (await this.state(stream))?.state;
    let fold = await this.messages.query<Fold | null>(stream, STATE_QUERY);
    if (fold === undefined) {
      // Only its own service can fold its stream. Waking an entity that does not exist would create
      // a workflow.
      if ((await reading(() => lastRevision(this.options.store, stream))) < 0) return undefined;
      await this.wake(stream);
    }
    fold ??= await this.foldOnceLoaded(stream);
    return fold.revision < 0 ? undefined : fold.state;
  }

  /** An entity that has ended rests again once it is loaded, so a closed run may answer, too. */
  private async foldOnceLoaded(stream: string): Promise<Fold> {
    const deadline = AbortSignal.timeout(LOADING_MILLISECONDS);
    const pause = new GrowingPause(20, 500);
    while (!deadline.aborted) {
      const fold = await this.messages.queryLastRun<Fold | null>(stream, STATE_QUERY);
      if (fold) return fold;
      await pause.wait(deadline);
    }
    throw new EngineUnavailableError('worker');
  }

  async receipt(stream: string, commandId: string, onlyFor?: Party): Promise<Receipt | undefined> {
    const receipt = await this.receipts.find(stream, commandId, onlyFor?.id);
    if (receipt || onlyFor === undefined) return receipt;
    return (await this.state(stream, onlyFor)) && this.receipts.find(stream, commandId);
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
}

function ignoreAway(error: unknown): undefined {
  ignoreAwayButKeep(error);
  return undefined;
}

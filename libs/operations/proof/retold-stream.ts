import type { AnyDecider } from '#libs/core/decider.js';
import { errorText } from '#libs/core/error-text.js';
import type { Json, JsonObject } from '#libs/core/json.js';
import { stateAfter } from '#libs/entity/activities/fold-stream.js';
import { BrokenChainError, nextLink } from '#libs/event-store/event-hash.js';
import type { EventStore, RecordedEvent } from '#libs/event-store/event-store.js';
import { toPublishedEvent } from '#libs/kafka/cloud-event.codec.js';
import { BatchFold } from '#libs/read-model/batch-fold.js';
import type { Amendments } from '#libs/read-model/parking/amendments.js';
import type { AnyView } from '#libs/core/view-definition.js';
import type { Pace } from './pace.js';

/** What a stream itself says, read once from its start. */
export interface RetoldStream {
  /** Revision of the last event, or -1 if there is none. */
  readonly head: number;
  /**
   * Why the stream cannot be trusted or folded: revisions are missing, the hash chain is broken, or
   * a rule throws.
   */
  readonly broken: string | undefined;
  /** The hash at each requested revision. */
  readonly hashes: ReadonlyMap<number, string>;
  /** The state of the entity at each requested revision. */
  readonly states: ReadonlyMap<number, JsonObject>;
  /** The fold of each view up to its requested revision. */
  readonly folds: ReadonlyMap<AnyView, BatchFold>;
  /** For each view, the first event after its requested revision, if there is one. */
  readonly nextEvents: ReadonlyMap<AnyView, RecordedEvent>;
}

/** How far to fold a stream: to which states of the entity, and for each view. */
export interface RetellUpTo {
  /** Infinity stands for the end of the stream. */
  readonly entity: readonly number[];
  readonly views: readonly {
    readonly view: AnyView;
    readonly revision: number;
    readonly amendments: Amendments;
  }[];
}

/**
 * Reads a stream and folds it for everything derived from it, each up to its own revision. The
 * store must return events as stored, since hashes cover that form; folds use their current
 * meaning.
 */
export async function retell(
  store: EventStore,
  decider: AnyDecider,
  stream: string,
  upTo: RetellUpTo,
  pace: Pace,
): Promise<RetoldStream> {
  const folds = new Map(
    upTo.views.map(({ view, amendments }) => [view, startFold(view, stream, amendments)]),
  );
  const nextEvents = new Map<AnyView, RecordedEvent>();
  const hashes = new Map<number, string>();
  const wanted = new Set([...upTo.entity, ...upTo.views.map(({ revision }) => revision)]);
  const states = new StatesOnTheWay(decider, upTo.entity);
  let head = -1;
  let hash: string | undefined;
  let broken: string | undefined;
  for await (const event of store.read(stream)) {
    if (event.revision !== head + 1) broken ??= `revision ${head + 1} is missing`;
    head = event.revision;
    try {
      hash = nextLink(hash, event, event.metadata.hash);
    } catch (error) {
      if (!(error instanceof BrokenChainError)) throw error;
      broken ??= error.message;
      hash = event.metadata.hash;
    }
    if (hash !== undefined && wanted.has(head)) hashes.set(head, hash);
    broken ??= states.add(event);
    for (const { view, revision } of upTo.views) {
      if (head <= revision) await folds.get(view)?.add(toPublishedEvent(event));
      else if (!nextEvents.has(view)) nextEvents.set(view, event);
    }
    await pace.breathe();
  }
  return { head, broken, hashes, states: states.found, folds, nextEvents };
}

/** An empty fold. It does not look for missing events, since the stream itself is read. */
export function startFold(view: AnyView, stream: string, amendments: Amendments): BatchFold {
  const state = view.initialState as Json;
  const entity = { stream, revision: -1, state, isParked: false, isChanged: false };
  const entities = new Map([[stream, entity]]);
  return new BatchFold({ view, entities, amendments, readMissing: async function* none() {} });
}

/** Folds a stream no further than needed, and keeps the requested states. */
class StatesOnTheWay {
  readonly found = new Map<number, JsonObject>();
  private last: number;
  private state: JsonObject;

  constructor(
    private readonly decider: AnyDecider,
    private readonly wanted: readonly number[],
  ) {
    this.last = Math.max(-1, ...wanted);
    this.state = decider.initialState as JsonObject;
    if (wanted.includes(-1)) this.found.set(-1, this.state);
  }

  /** Returns why it cannot be folded. Anything after such an event is meaningless. */
  add(event: RecordedEvent): string | undefined {
    const { revision } = event;
    if (revision > this.last) return undefined;
    try {
      this.state = stateAfter(this.decider, this.state, event);
    } catch (error) {
      this.last = -1;
      return `revision ${revision} cannot be folded: ${errorText(error)}`;
    }
    if (this.wanted.includes(revision)) this.found.set(revision, this.state);
    if (this.last === Infinity) this.found.set(Infinity, this.state);
    return undefined;
  }
}

import type { AnyDecider } from '#libs/core/decider.js';
import { parseStreamName } from '#libs/core/entity-id.js';
import type { JsonObject } from '#libs/core/json.js';
import type { Present } from '#libs/core/public-state.js';
import { emptyFold, foldEvent } from '#libs/entity/activities/fold-stream.js';
import { readSnapshot, startOf } from '#libs/entity/activities/snapshots.js';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Point } from './kept-points.js';
import { type Origins, originsAfter } from './origins.js';
import { MOST_EVENTS_READ, type PlaceInPast, Retelling, type Telling } from './retelling.js';

/** An entity whose history can be told. */
export interface ToldEntity {
  readonly decider: AnyDecider;
  /** Converts a state to the view of the contract. */
  readonly present: Present;
}

/** A view of an entity at some event, and where each of its values comes from. */
export interface ViewWithOrigins {
  readonly fold: Fold;
  readonly view: JsonObject;
  readonly origins: Origins;
}

interface OriginsPoint extends Point, ViewWithOrigins {}

interface Retellings {
  readonly states: Retelling<Point>;
  readonly origins: Retelling<OriginsPoint>;
}

/** The heap that a place in a view takes, with its origin, which it shares with others. */
const BYTES_OF_AN_ORIGIN = 150;

/**
 * What entities were before, folded from their streams by their own `evolve`. Both methods return
 * undefined if the stream has no event at that place, and throw `HistoryNotReadError` if one
 * request cannot read that far. A class, so that Nest can inject it.
 */
export class EntityHistory {
  private readonly byCategory: ReadonlyMap<string, Retellings>;

  /** `store` returns events as stored. */
  constructor(
    store: Pick<EventStore, 'read'>,
    entities: readonly ToldEntity[],
    mostEvents = MOST_EVENTS_READ,
  ) {
    this.byCategory = new Map(
      entities.map(({ decider, present }) => {
        const states = new Retelling(store, tellingStates(decider, store), mostEvents);
        const origins = new Retelling(store, tellingOrigins(decider, present), mostEvents);
        return [decider.name, { states, origins }];
      }),
    );
  }

  async fold(stream: string, place: PlaceInPast): Promise<Fold | undefined> {
    return (await this.of(stream).states.upTo(stream, place))?.fold;
  }

  async origins(stream: string, place: PlaceInPast): Promise<ViewWithOrigins | undefined> {
    return this.of(stream).origins.upTo(stream, place);
  }

  private of(stream: string): Retellings {
    const found = this.byCategory.get(parseStreamName(stream)?.category ?? '');
    if (!found) throw new TypeError(`no history of ${stream} is known here`);
    return found;
  }
}

function tellingStates(decider: AnyDecider, store: Pick<EventStore, 'read'>): Telling<Point> {
  return {
    start: async (stream, accepts) => {
      const fold = startOf(decider, await readSnapshot(store, stream));
      return { fold: accepts(fold) ? fold : emptyFold(decider) };
    },
    after: ({ fold }, event) => ({ fold: foldEvent(decider, fold, event), eventId: event.id }),
    copy: (point) => point,
    extraBytes: () => 0,
  };
}

/** Snapshots know nothing of origins, so they are told from the first event. */
function tellingOrigins(decider: AnyDecider, present: Present): Telling<OriginsPoint> {
  return {
    start: async () => ({ fold: emptyFold(decider), view: {}, origins: new Map() }),
    after: ({ fold, view, origins }, event) => {
      const after = foldEvent(decider, fold, event);
      const isSame = after.state === fold.state && fold.revision >= 0;
      const shown = isSame ? view : (present(after.state as never) as JsonObject);
      return {
        fold: after,
        eventId: event.id,
        view: shown,
        origins: originsAfter(origins, view, shown, event),
      };
    },
    copy: (point) => ({ ...point, origins: new Map(point.origins) }),
    extraBytes: ({ origins }) => origins.size * BYTES_OF_AN_ORIGIN,
  };
}

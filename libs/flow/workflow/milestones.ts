import type { Json, JsonObject } from '#libs/core/json.js';
import type { Wait } from '#libs/core/flow/flow.messages.js';
import type { FlowRound } from '#libs/core/flow/flow-round.js';
import { turns } from '#libs/entity/workflow/turns.js';
import { toMilliseconds } from '#libs/core/timestamp.js';

/** A wait that is shorter is not recorded. */
const SHORTEST_WAIT = 1_000;
/** Between two records of the progress. */
const PROGRESS_INTERVAL = 5_000;

/** A milestone: an internal command to the flow itself. */
export interface Milestone {
  readonly type: string;
  readonly data: JsonObject;
}

/** Decides what of the waits and the progress of a function is worth an event. */
export class Milestones {
  private recorded: readonly Wait[] = [];
  /** Places of timed waits that were looked at, and whether they were long enough. */
  private readonly seen = new Map<string, boolean>();
  private progress: string | undefined;
  private progressAt = -Infinity;
  /** Whether a timer runs, after which the progress is due. */
  private isTimed = false;

  /** The milestones that are due. */
  due(round: FlowRound, isLast: boolean): readonly Milestone[] {
    if (!isLast) this.timeProgress(round);
    return [...this.dueProgress(round, isLast), ...(isLast ? [] : this.dueWaits(round))];
  }

  /** Whether `due` has something to do. */
  hasDue(round: FlowRound): boolean {
    const isProgressDue = this.owesProgress(round) && (this.pauseIn(round) === 0 || !this.isTimed);
    return isProgressDue || this.newWaits(round) !== undefined;
  }

  private owesProgress({ progress }: FlowRound): boolean {
    return progress !== undefined && JSON.stringify(progress) !== this.progress;
  }

  /** Milliseconds until the progress may be recorded. */
  private pauseIn({ host }: FlowRound): number {
    return Math.max(0, this.progressAt + PROGRESS_INTERVAL - host.now());
  }

  private timeProgress(round: FlowRound): void {
    const pause = this.pauseIn(round);
    if (!this.owesProgress(round) || pause === 0 || this.isTimed) return;
    this.isTimed = true;
    void round.host.timer(pause).result.then(() => (this.isTimed = false));
  }

  private dueProgress(round: FlowRound, isLast: boolean): readonly Milestone[] {
    if (!this.owesProgress(round) || (this.pauseIn(round) > 0 && !isLast)) return [];
    this.progress = JSON.stringify(round.progress);
    this.progressAt = round.host.now();
    return [{ type: 'RecordProgress', data: { value: round.progress as Json } }];
  }

  private dueWaits(round: FlowRound): readonly Milestone[] {
    const waits = this.newWaits(round);
    if (!waits) return [];
    this.recorded = waits;
    return [{ type: 'RecordWaits', data: { waits } }];
  }

  /** What the function waits for, if that is news. */
  private newWaits(round: FlowRound): readonly Wait[] | undefined {
    const { waits } = round;
    const isLong = (wait: Wait) =>
      turns.areTaken ? round.lengthOf(wait) >= SHORTEST_WAIT : this.wasLong(wait);
    const long = waits.filter(isLong);
    for (const place of this.seen.keys()) {
      if (!waits.some((wait) => wait.place === place)) this.seen.delete(place);
    }
    const known = new Set(this.recorded.map(keyOf));
    return long.some((wait) => !known.has(keyOf(wait))) ? long : undefined;
  }

  /** As in histories of older code: how long it still lasts when it is looked at first. */
  private wasLong({ place, until }: Wait): boolean {
    if (until === undefined) return true;
    const known = this.seen.get(place) ?? toMilliseconds(until) - Date.now() >= SHORTEST_WAIT;
    this.seen.set(place, known);
    return known;
  }
}

/** A wait without an end says nothing new when it occurs again at another place. */
function keyOf({ place, kind, name, until }: Wait): string {
  return until === undefined ? `${kind} ${name}` : `${place} ${until}`;
}

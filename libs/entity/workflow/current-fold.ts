import { log } from '@temporalio/workflow';
import type { DomainEvent, AnyFolding } from '#libs/core/decider.js';
import { errorText } from '#libs/core/error-text.js';
import type { JsonObject } from '#libs/core/json.js';
import type { DecideResult } from '#libs/entity/protocol/activity-messages.js';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';

/**
 * The state of an entity as this run knows it, and whether it has to be rebuilt from the stream.
 */
export class CurrentFold {
  /** The revision that the run was loaded at; -1 before that. */
  loadedRevision = -1;
  /** A refold was requested: the stream is known to hold this revision. */
  private provenRevision: number | undefined;

  constructor(
    private readonly folding: AnyFolding,
    private fold: Fold | undefined,
  ) {}

  get isLoaded(): boolean {
    return this.fold !== undefined;
  }

  /** -1 while the entity is being loaded, or has no events. */
  get revision(): number {
    return this.fold?.revision ?? -1;
  }

  /** Takes what was loaded; undefined when the carried fold is still good. */
  load(loaded: Fold | undefined): void {
    if (loaded) this.fold = loaded;
    this.loadedRevision = this.forActivity().revision;
  }

  requestRefold(provenRevision: number): void {
    this.provenRevision = provenRevision;
  }

  get isRefoldRequested(): boolean {
    return this.provenRevision !== undefined;
  }

  /** As answered to queries; null while the entity is being loaded. */
  forQuery(): Fold | null {
    return this.fold ? this.forActivity() : null;
  }

  /** As recorded in snapshots. */
  forSnapshot(): Fold {
    return this.fold as Fold;
  }

  /**
   * As given to activities: if a refold was requested, the fold has no valid version, so the
   * activity rebuilds it.
   */
  forActivity(): Fold {
    const fold = this.fold as Fold;
    if (this.provenRevision === undefined) return fold;
    return { ...fold, revision: Math.min(fold.revision, this.provenRevision), stateVersion: 0 };
  }

  /** The same, for an activity that will carry out a requested refold. */
  takeForActivity(): Fold {
    const fold = this.forActivity();
    this.provenRevision = undefined;
    return fold;
  }

  /** Folds what an activity has decided and appended, starting from the fold that it was given. */
  apply(given: Fold, result: DecideResult): void {
    this.fold = this.foldAfter(given, result);
  }

  private foldAfter(given: Fold, result: DecideResult): Fold {
    if (result.fold) return result.fold;
    if (result.events.length === 0) return given;
    const { revision, at, hash } = result;
    const { hash: _, ...evolved } = this.evolveAll(given, result.events);
    return { ...evolved, revision, ...(at !== undefined && { at }), ...(hash !== undefined && { hash }) };
  }

  /**
   * Under newer code, a replay may meet a state or an event that older code wrote. The fold is then
   * marked with version 0, so that the next activity rebuilds it from the stream. Throwing here
   * would fail the workflow task at every attempt.
   */
  private evolveAll(given: Fold, events: readonly DomainEvent[]): Fold {
    const unusable = { ...given, stateVersion: 0 };
    if (given.stateVersion !== this.folding.stateVersion) return unusable;
    try {
      const evolve = (state: JsonObject, event: DomainEvent) =>
        this.folding.evolve(state, event) as JsonObject;
      return { ...given, state: events.reduce(evolve, given.state) };
    } catch (error) {
      log.error('evolve failed on recorded events; the state will be rebuilt from the stream', {
        error: errorText(error),
      });
      return unusable;
    }
  }
}

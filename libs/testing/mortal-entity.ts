import { pino } from 'pino';
import type { AnyDecider, DomainEvent } from '#libs/core/decider.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { JsonObject } from '#libs/core/json.js';
import type { Outcome } from '#libs/core/outcome.js';
import { createEntityActivities } from '#libs/entity/activities/entity.activities.js';
import { emptyFold } from '#libs/entity/activities/fold-stream.js';
import type {
  DecideRequest,
  DecideResult,
  EntityActivities,
} from '#libs/entity/protocol/activity-messages.js';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';
import { Mailbox } from '#libs/entity/protocol/mailbox.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { moment } from './moments.js';

/** State that crosses to the next run of an entity. */
export type Carried = ReturnType<Mailbox['carry']>;

const BATCH = 3;
/** More than any series of faults. An entity without an answer by then never gets one. */
const MOST_ATTEMPTS = 100;

/**
 * An entity as its workflow runs it, with the real mailbox and the real activities, for tests that
 * kill it in every possible place.
 */
export class MortalEntity {
  mailbox = new Mailbox();
  fold: Fold;
  now = 0;
  /** The first outcome received for each command. */
  readonly answers = new Map<string, Outcome>();
  private readonly activities: EntityActivities;

  constructor(
    private readonly decider: AnyDecider,
    private readonly stream: string,
    store: EventStore,
    /** Called for every repeated outcome. */
    private readonly onRepeat: (outcome: Outcome, first: Outcome) => void = () => undefined,
  ) {
    this.fold = emptyFold(decider);
    this.activities = createEntityActivities({ decider, store, logger: pino({ level: 'silent' }) });
  }

  send(envelope: CommandEnvelope): void {
    this.mailbox.admit(envelope, reuse);
    this.hear(this.mailbox.outcomeOf(envelope.commandId));
  }

  /** Decides and appends, and retries until the store answers. */
  async decide(): Promise<void> {
    const { mailbox } = this;
    const result = await this.untilItAnswers(this.request());
    const evolve = (before: JsonObject, event: DomainEvent) =>
      this.decider.evolve(before, event) as JsonObject;
    const { revision, at, hash } = result;
    const state = result.events.reduce(evolve, this.fold.state);
    const more = { ...(at !== undefined && { at }), ...(hash !== undefined && { hash }) };
    this.fold = { ...this.fold, state, revision, ...more };
    mailbox.settle(result.outcomes);
    for (const outcome of result.outcomes) this.hear(outcome);
    if (result.found) mailbox.recall({ entries: result.found }, reuse);
  }

  /** A worker decides, and writes if the store lets it. The result is lost with the worker. */
  async dieHavingWritten(): Promise<void> {
    await this.activities.decideAndAppend(this.request()).catch(() => undefined);
  }

  /** Continues in a new run, which knows what `cross` lets through. */
  continueAsNew(cross: (carried: Carried) => Carried = (same) => same): void {
    const { ring, inbox } = cross(JSON.parse(JSON.stringify(this.mailbox.carry())) as Carried);
    this.mailbox = new Mailbox(ring);
    for (const envelope of inbox) this.mailbox.admit(envelope, reuse);
  }

  /** Reloads from its stream, and forgets rejections. */
  async loseTheEngine(): Promise<void> {
    const { stream } = this;
    this.mailbox = new Mailbox();
    const { fold, ring } = await this.activities.loadEntity({ stream, now: moment(this.now) });
    if (fold) this.fold = fold;
    if (ring) this.mailbox.recall(ring, reuse);
    for (const [id, { status }] of this.answers) if (status !== 'accepted') this.answers.delete(id);
  }

  private request(): DecideRequest {
    const { stream, fold, mailbox, now } = this;
    const batch = mailbox.next(BATCH);
    const searchStream = mailbox.mayHaveForgotten(batch);
    return { stream, fold, batch, now: moment(now), dueBy: moment(now), searchStream };
  }

  private async untilItAnswers(request: DecideRequest, attempts = MOST_ATTEMPTS): Promise<DecideResult> {
    try {
      return await this.activities.decideAndAppend(request);
    } catch (error) {
      if (attempts <= 1) throw error;
      return this.untilItAnswers(request, attempts - 1);
    }
  }

  private hear(outcome: Outcome | undefined): void {
    if (!outcome) return;
    const first = this.answers.get(outcome.commandId);
    if (first) this.onRepeat(outcome, first);
    else this.answers.set(outcome.commandId, outcome);
  }
}

function reuse({ commandId, sentAt: at }: CommandEnvelope): Outcome {
  return { status: 'rejected', commandId, revision: 0, code: 'IDEMPOTENCY.KEY_REUSED', detail: 'used', at };
}

import {
  type Client,
  isGrpcServiceError,
  type ScheduleDescription,
  type ScheduleHandle,
  ScheduleNotFoundError,
} from '@temporalio/client';
import type { Pool } from 'pg';
import { ProblemError } from '#libs/core/problem-error.js';
import { UnavailableError } from '#libs/core/problems.js';
import { eachOf } from '#libs/runtime/each-of.js';
import type { Logger } from '#libs/runtime/logger.js';
import { noteOf } from '#libs/schedules/pause-note.js';
import { type ScheduleAction, ScheduleActions } from '#libs/schedules/schedule-actions.js';
import { type Overlap, OVERLAPS, parseScheduleId } from '#libs/schedules/schedule.js';
import { serviceOf } from '#libs/schedules/temporal-schedule.js';
import { matchingTimes } from './matching-times.js';
import { runsOf } from './scheduled-runs.js';
import { toItem } from './schedule-item.js';
import {
  type BackfillRequest,
  MOST_BACKFILLED,
  type ScheduleItem,
  scheduleProblems,
  type ScheduleView,
} from './schedules.schemas.js';

const CALLS_MILLISECONDS = 5_000;
/** Schedules that are described at a time. */
const AT_ONCE = 8;
const MOST_ACTIONS = 20;

/** Who does something to which schedule, and why. */
type Deed = Omit<ScheduleAction, 'verb' | 'detail'>;

/**
 * The schedules of all services, as Temporal has them, and what operators do to them. Throws
 * `scheduleProblems` and `UnavailableError`.
 */
export class Schedules {
  private readonly actions: ScheduleActions;

  constructor(
    private readonly client: Client,
    private readonly pool: Pool,
    private readonly logger: Logger,
  ) {
    this.actions = new ScheduleActions(pool);
  }

  /** All schedules, by name. */
  async list(): Promise<readonly ScheduleItem[]> {
    const ids = await this.asked(async () => {
      const found: string[] = [];
      for await (const summary of this.client.schedule.list()) {
        if (serviceOf(summary) !== undefined) found.push(summary.scheduleId);
      }
      return found;
    });
    const items: ScheduleItem[] = [];
    await eachOf(ids, AT_ONCE, async (id) => {
      // The list may still show one that was deleted in Temporal.
      const description = await this.describe(id).catch(unlessGone);
      const item = description && toItem(description);
      if (item) items.push(item);
    });
    return items.toSorted((a, b) => (a.schedule < b.schedule ? -1 : 1));
  }

  async view(id: string): Promise<ScheduleView> {
    const description = await this.describe(id);
    const item = toItem(description) ?? notFound(id);
    const runs = await runsOf(this.client, this.pool, description);
    return { ...item, runs, actions: await this.actions.latest(id, MOST_ACTIONS) };
  }

  pause(deed: Deed & { readonly reason: string }): Promise<ScheduleItem> {
    const { operator: by, reason } = deed;
    const note = noteOf({ by, reason, at: new Date().toISOString() });
    return this.act({ ...deed, verb: 'pause' }, (handle) => handle.pause(note));
  }

  resume(deed: Deed): Promise<ScheduleItem> {
    return this.act({ ...deed, verb: 'resume' }, (handle) =>
      handle.unpause(`Resumed by ${deed.operator} at ${new Date().toISOString()}`),
    );
  }

  /** Starts a flow now, also while the schedule is paused. Default: by its own overlap policy. */
  async trigger(deed: Deed, overlap: Overlap | undefined): Promise<ScheduleItem> {
    const detail = overlap === undefined ? {} : { overlap };
    return this.act({ ...deed, verb: 'trigger', detail }, (handle, { policies }) =>
      // Without a policy, the client of Temporal asks for ALLOW_ALL.
      handle.trigger(overlap === undefined ? policies.overlap : OVERLAPS[overlap]),
    );
  }

  /**
   * Starts the flows of the times from `from` to `to`, both included, and returns these times. One
   * for which a flow was started before gets no second one.
   */
  async backfill(deed: Deed, { from, to, overlap }: BackfillRequest): Promise<readonly string[]> {
    await this.describe(deed.schedule);
    if (from > to || Date.parse(to) > Date.now()) {
      throw new ProblemError(scheduleProblems.invalidRange, 'from and to must be in order, and have passed');
    }
    const range = { start: new Date(from), end: new Date(to) };
    const times = await this.asked(() => matchingTimes(this.client, deed.schedule, range));
    if (times === 'too many' || times.length > MOST_BACKFILLED) {
      throw new ProblemError(scheduleProblems.tooMany, 'name a shorter time');
    }
    const detail = { from, to, overlap };
    await this.act({ ...deed, verb: 'backfill', detail }, (handle) =>
      handle.backfill({ ...range, overlap: OVERLAPS[overlap] }),
    );
    return times.map((time) => time.toISOString());
  }

  private async act(
    action: ScheduleAction,
    act: (handle: ScheduleHandle, description: ScheduleDescription) => Promise<void>,
  ): Promise<ScheduleItem> {
    const { schedule, operator, verb } = action;
    const description = await this.describe(schedule);
    const handle = this.client.schedule.getHandle(schedule);
    await this.actions.record(action, () => this.asked(() => act(handle, description)));
    this.logger.info({ operator, detail: { schedule, verb } }, 'an operator changed a schedule');
    return toItem(await this.describe(schedule)) ?? notFound(schedule);
  }

  /** Throws `scheduleProblems.notFound` if no service of ours declares it. */
  private async describe(id: string): Promise<ScheduleDescription> {
    if (!parseScheduleId(id)) return notFound(id);
    const description = await this.asked(() => this.client.schedule.getHandle(id).describe());
    return serviceOf(description) === undefined ? notFound(id) : description;
  }

  /** Bounds a call to Temporal. Throws `UnavailableError` if it does not answer. */
  private async asked<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await this.client.withDeadline(Date.now() + CALLS_MILLISECONDS, call);
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return notFound(error.scheduleId);
      if (error instanceof Error && isGrpcServiceError(error.cause ?? error)) {
        throw new UnavailableError('temporal', { cause: error });
      }
      throw error;
    }
  }
}

function notFound(id: string): never {
  throw new ProblemError(scheduleProblems.notFound, `there is no schedule ${id}`);
}

function unlessGone(error: unknown): undefined {
  if (error instanceof ProblemError && error.code === scheduleProblems.notFound.code) return undefined;
  throw error;
}

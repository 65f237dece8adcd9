import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleHandle,
  ScheduleNotFoundError,
  type ScheduleOptions,
} from '@temporalio/client';
import type { Partitions } from '#libs/entity/protocol/task-queues.js';
import { noteOf, pauseIn } from './pause-note.js';
import { type Schedule, scheduleId } from './schedule.js';
import type { ScheduleActions } from './schedule-actions.js';
import { isDeclaredSo, optionsOf, serviceOf, updateTo } from './temporal-schedule.js';

/** Who pauses a schedule that is no longer declared. No caller has this id. */
const UNDECLARED = 'system:undeclared';
const UNDECLARED_REASON = 'the service no longer declares it';

/** What schedules are made with. */
export interface ScheduleMaking {
  readonly client: Client;
  readonly service: string;
  readonly schedules: readonly Schedule[];
  readonly actions: Pick<ScheduleActions, 'openPause'>;
  /** Default: no task queue is divided. */
  readonly partitions?: Partitions;
}

/**
 * Makes a declared schedule in Temporal, or updates it. It is left alone if it is as declared, and
 * a pause stays. If an operator paused it before Temporal was emptied, it is made paused. Safe to
 * repeat, and in several processes at a time. Throws if the id belongs to a schedule of others.
 */
export async function makeSchedule(
  { client, service, actions, partitions }: ScheduleMaking,
  schedule: Schedule,
): Promise<void> {
  const options = optionsOf(service, schedule, partitions);
  const handle = client.schedule.getHandle(options.scheduleId);
  const found = await describedOrNone(handle);
  if (!found) return create(client, options, await actions.openPause(options.scheduleId));
  if (serviceOf(found) !== service) throw new Error(`${options.scheduleId} is a schedule of others`);
  if (!isDeclaredSo(options, found)) await handle.update((before) => updateTo(options, before));
  if (found.state.paused && pauseIn(found.state.note).by === UNDECLARED) {
    await handle.unpause('The service declares it again');
  }
}

async function create(
  client: Client,
  options: ScheduleOptions,
  pause: Parameters<typeof noteOf>[0] | undefined,
): Promise<void> {
  const state = pause && { paused: true, note: noteOf(pause) };
  try {
    await client.schedule.create({ ...options, ...(state && { state }) });
  } catch (error) {
    // Another process was faster.
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}

async function describedOrNone(handle: ScheduleHandle) {
  try {
    return await handle.describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

/**
 * Pauses the schedules that the service once made and no longer declares. They are not deleted:
 * their last runs can still be seen, and what declares them again, such as a release that is rolled
 * back, finds them as they were.
 */
export async function pauseUndeclared({ client, service, schedules }: ScheduleMaking): Promise<void> {
  const declared = new Set(schedules.map((schedule) => scheduleId(service, schedule)));
  for await (const found of client.schedule.list()) {
    const { scheduleId: id, state } = found;
    if (serviceOf(found) !== service || declared.has(id) || state.paused) continue;
    const at = new Date().toISOString();
    const note = noteOf({ by: UNDECLARED, at, reason: UNDECLARED_REASON });
    await client.schedule.getHandle(id).pause(note);
  }
}

import type { ScheduleDescription } from '@temporalio/client';
import { pauseIn } from '#libs/schedules/pause-note.js';
import { type Overlap, OVERLAPS, parseScheduleId } from '#libs/schedules/schedule.js';
import { lengthInWords, specInWords } from '#libs/schedules/spec-in-words.js';
import type { ScheduleItem } from './schedules.schemas.js';

/** How many coming times are shown. */
const MOST_NEXT = 5;

/** A schedule of ours as operators see it; undefined if its id is not of our form. */
export function toItem(description: ScheduleDescription): ScheduleItem | undefined {
  const { scheduleId: schedule, spec, action, policies, state, info } = description;
  const named = parseScheduleId(schedule);
  if (!named) return undefined;
  return {
    schedule,
    ...named,
    type: action.workflowType,
    times: [...specInWords(spec)],
    timeZone: spec.timezone ?? 'UTC',
    overlap: overlapNamed(policies.overlap),
    catchUpWindow: lengthInWords(policies.catchupWindow),
    ...(state.paused && { paused: pauseIn(state.note) }),
    next: info.nextActionTimes.slice(0, MOST_NEXT).map((time) => time.toISOString()),
    running: info.runningActions.length,
    started: info.numActionsTaken,
    missed: info.numActionsMissedCatchupWindow,
    skipped: info.numActionsSkippedOverlap,
  };
}

/** Someone may have set Temporal's TERMINATE_OTHER there, which we do not offer. */
function overlapNamed(policy: string | undefined): Overlap {
  const names = Object.entries(OVERLAPS) as [Overlap, string][];
  return names.find(([, name]) => name === policy)?.[0] ?? 'cancel-other';
}

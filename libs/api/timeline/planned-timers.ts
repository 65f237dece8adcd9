import type { TimelineItem } from '#contracts/timeline.js';
import type { AnyDecider, DomainEvent } from '#libs/core/decider.js';
import type { FlowState } from '#libs/core/flow/flow.state.js';
import type { JsonObject } from '#libs/core/json.js';
import { isRejection } from '#libs/core/rejection.js';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';
import type { AskedTimeline } from './asked-timeline.js';

const MOST_TIMERS = 50;
const DEADLINE = 'system:deadline';

/**
 * What an entity will do by itself, and when, if nothing else happens before. Each deadline is met
 * by its rules, which shows the next one.
 */
export function timerItems({ entity, id, latest, now }: AskedTimeline): readonly TimelineItem[] {
  const planned = entity.isFlow ? waitsOf(latest) : [];
  return [...planned, ...deadlinesOf(entity.decider, id, latest)].map((item) => {
    return { ...item, ...(item.at > now && { isFuture: true as const }) };
  });
}

function deadlinesOf(decider: AnyDecider, entityId: string, { state: from }: Fold): readonly TimelineItem[] {
  const items: TimelineItem[] = [];
  let state: JsonObject | undefined = from;
  while (state && items.length < MOST_TIMERS) {
    const deadline = decider.deadline?.(state);
    if (!deadline) break;
    const { at, subject, command } = deadline;
    items.push({
      id: `timer-${items.length}-${subject}`,
      lane: 'timer',
      at,
      title: command.type,
      detail: subject,
    });
    state = stateAfter(decider, state, { ...command, at, entityId });
  }
  return items;
}

/** Undefined if the rules do not let the deadline be met like this. */
function stateAfter(
  decider: AnyDecider,
  state: JsonObject,
  command: {
    readonly type: string;
    readonly data: JsonObject;
    readonly at: string;
    readonly entityId: string;
  },
): JsonObject | undefined {
  try {
    const decided = decider.decide({ ...command, id: DEADLINE, actor: DEADLINE }, state);
    if (isRejection(decided)) return undefined;
    const events = decided as readonly DomainEvent[];
    return events.reduce<JsonObject>((before, event) => decider.evolve(before, event) as JsonObject, state);
  } catch {
    return undefined;
  }
}

function waitsOf({ state }: Fold): readonly TimelineItem[] {
  const { waits, endedAt } = state as never as FlowState;
  if (endedAt !== undefined) return [];
  return waits.flatMap(({ place, kind, name, until }) => {
    if (until === undefined) return [];
    const lane = kind === 'callback' ? ('callback' as const) : ('timer' as const);
    return [{ id: `wait-${place}`, lane, at: until, title: `The wait for ${kind} ${name} ends` }];
  });
}

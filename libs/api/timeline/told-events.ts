import type { TimelineItem } from '#contracts/timeline.js';
import { parseStreamName } from '#libs/core/entity-id.js';
import { jsonBytes } from '#libs/core/json-bytes.js';
import { effectsOf } from '#libs/entity/activities/pending-effects.js';
import { foldEvent } from '#libs/entity/activities/fold-stream.js';
import type { RecordedEvent } from '#libs/event-store/event-store.js';
import type { AskedTimeline } from './asked-timeline.js';

/** The data of larger events are only at `/events`. */
const MOST_DATA_BYTES = 1_000;
const DEADLINE = 'system:deadline';

/** The events themselves. */
export function eventItems({ events, entity, id }: AskedTimeline): readonly TimelineItem[] {
  return events.map((event) => {
    const { type, revision, data, metadata } = event;
    const { at, hash, $causationId: causationId } = metadata;
    return {
      id: `event-${revision}`,
      lane: 'event',
      at,
      title: type,
      revision,
      ...(hash !== undefined && { hash }),
      causationId,
      ...traced(event),
      link: `/v1/${entity.contract.plural}/${encodeURIComponent(id)}?revision=${revision}`,
      ...(jsonBytes(data) <= MOST_DATA_BYTES && { data }),
    };
  });
}

/** The commands that led to the events, from their arrival to the store. */
export function commandItems({ events, entity, id }: AskedTimeline): readonly TimelineItem[] {
  const byCommand = new Map<string, RecordedEvent[]>();
  for (const event of events) {
    const { commandId } = event.metadata;
    byCommand.set(commandId, [...(byCommand.get(commandId) ?? []), event]);
  }
  return [...byCommand.values()].flatMap(([first, ...rest]) => {
    if (!first) return [];
    const last = rest.at(-1) ?? first;
    const { at, sentAt = at, decidedAt = at, actor, commandId } = first.metadata;
    const link = `/v1/${entity.contract.plural}/${encodeURIComponent(id)}/commands/${encodeURIComponent(commandId)}`;
    const received: TimelineItem =
      actor === DEADLINE
        ? { id: `due-${commandId}`, lane: 'timer', at, title: 'It was due', ...traced(first) }
        : {
            id: `request-${commandId}`,
            lane: 'request',
            at: sentAt,
            title: 'Command received',
            ...traced(first),
            link,
          };
    const took = Date.parse(last.recordedAt) - Date.parse(sentAt);
    const settled: TimelineItem = {
      id: `receipt-${commandId}`,
      lane: 'receipt',
      at: decidedAt,
      until: last.recordedAt,
      title: 'Decided and stored',
      detail: `${took} ms after it was received`,
      revision: last.revision,
      ...traced(first),
      link,
    };
    return [received, settled];
  });
}

/** The entities that sent these commands, and those that the events sent commands to. */
export function relatedItems(asked: AskedTimeline): readonly TimelineItem[] {
  return [...senderItems(asked), ...sentItems(asked)];
}

function senderItems({ events, stream }: AskedTimeline): readonly TimelineItem[] {
  const bySender = new Map<string, RecordedEvent[]>();
  for (const event of events) {
    const { actor } = event.metadata;
    if (actor === stream || !parseStreamName(actor)) continue;
    bySender.set(actor, [...(bySender.get(actor) ?? []), event]);
  }
  return [...bySender].flatMap(([actor, sent]) => {
    const [first] = sent;
    const until = sent.at(-1)?.metadata.at;
    const { category, id } = parseStreamName(actor) ?? {};
    if (!first || category === undefined || id === undefined) return [];
    const { at, $correlationId: correlationId } = first.metadata;
    const title = `${category} ${id} sent ${sent.length === 1 ? 'a command' : `${sent.length} commands`}`;
    const related = { lane: laneOf(category), link: linkTo(category, id), correlationId };
    return [
      { id: `from-${actor}-${first.revision}`, at, ...(until !== undefined && { until }), title, ...related },
    ];
  });
}

function sentItems({ events, stream, entity, before }: AskedTimeline): readonly TimelineItem[] {
  const { decider } = entity;
  const items: TimelineItem[] = [];
  let fold = before;
  for (const event of events) {
    fold = foldEvent(decider, fold, event);
    for (const { id: effectId, action, correlationId } of effectsOf(decider, stream, event, fold.state)) {
      if (action.kind !== 'send') continue;
      const { category, id } = action.to;
      const title = `${action.command.type} for ${category} ${id}`;
      const related = { lane: laneOf(category), link: linkTo(category, id), correlationId };
      const { at } = event.metadata;
      items.push({ id: `to-${effectId}`, at, title, commandId: effectId, ...related });
    }
  }
  return items;
}

function laneOf(category: string): 'approval' | 'callback' | 'saga' {
  return category === 'approval' || category === 'callback' ? category : 'saga';
}

function linkTo(category: string, id: string): string {
  return `/entities/${encodeURIComponent(category)}/${encodeURIComponent(id)}`;
}

function traced({ metadata }: RecordedEvent) {
  const { commandId, actor, $correlationId: correlationId, traceparent } = metadata;
  const traceId = traceparent?.split('-')[1];
  return { commandId, actor, correlationId, ...(traceId !== undefined && { traceId }) };
}

import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, useState } from 'react';
import { type EntityEvent, EVENTS_PER_PAGE, useEventsPage } from '../api/entity.js';
import { Json } from '../components/json.js';
import { Panel } from '../components/panel.js';
import { Time } from '../components/time.js';
import type { EntityView } from './entity.js';

const ROW_PIXELS = 34;

/** The events, the latest first. Only those in sight are read and drawn, however many there are. */
export function EntityEvents(view: EntityView) {
  return (
    <Panel title="Events" query={view.query} lines={12}>
      {({ revision }) => <EventList {...view} count={revision + 1} />}
    </Panel>
  );
}

function EventList({ count, ...view }: EntityView & { readonly count: number }) {
  const box = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const rows = useVirtualizer({
    count,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PIXELS,
    getItemKey: (index) => count - 1 - index,
    overscan: 10,
  });
  const toggle = (revision: number): void => {
    const next = new Set(open);
    if (!next.delete(revision)) next.add(revision);
    setOpen(next);
  };
  return (
    <div ref={box} className="event-list" role="region" aria-label={`${count} events`} tabIndex={0}>
      <ol style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => {
          const revision = count - 1 - item.index;
          return (
            <li
              key={item.key}
              ref={rows.measureElement}
              data-index={item.index}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <EventRow
                {...view}
                revision={revision}
                count={count}
                isOpen={open.has(revision)}
                onToggle={toggle}
              />
            </li>
          );
        })}
      </ol>
    </div>
  );
}

interface EventRowProps extends EntityView {
  readonly revision: number;
  readonly count: number;
  readonly isOpen: boolean;
  readonly onToggle: (revision: number) => void;
}

function EventRow({ category, id, revision, count, isOpen, onToggle }: EventRowProps) {
  const page = Math.floor(revision / EVENTS_PER_PAGE);
  const isFull = (page + 1) * EVENTS_PER_PAGE <= count;
  const { data, error } = useEventsPage(category, id, page, isFull);
  const event = data?.find((one) => one.revision === revision);
  return (
    <>
      <button type="button" className="event-row" aria-expanded={isOpen} onClick={() => onToggle(revision)}>
        <span className="revision">{revision}</span>
        <strong>{event?.type ?? (error ? error.message : '…')}</strong>
        <span className="event-facts">{event && factsOf(event)}</span>
        {event && <Time at={event.at} />}
      </button>
      {isOpen && event && <EventDetail event={event} />}
    </>
  );
}

function factsOf({ data, actor }: EntityEvent): string {
  const facts = Object.entries(data).filter(([, value]) => typeof value !== 'object');
  const text = facts.map(([name, value]) => `${name} ${String(value)}`).join(' · ');
  return actor === undefined ? text : `${text} · by ${actor}`;
}

function EventDetail({ event }: { readonly event: EntityEvent }) {
  return (
    <div className="event-detail">
      <Json value={event} label={`Event ${event.revision}`} />
    </div>
  );
}

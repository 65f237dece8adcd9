import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { LANES, type Timeline, type TimelineItem, useTimeline } from '../api/timeline.js';
import { Json } from '../components/json.js';
import { To } from '../components/link.js';
import { Panel } from '../components/panel.js';
import { Notice } from '../components/states.js';
import { TimelineChart } from '../components/timeline-chart.js';
import { duration } from '../components/durations.js';
import { Time } from '../components/time.js';
import { pageOf } from '../navigation.js';
import type { EntityView } from './entity.js';

const ZOOMS = [1, 2, 4, 8, 16] as const;

/** All that happened to an entity, from the request to the views, and what will happen. */
export function EntityTimeline(view: EntityView) {
  const { command } = useSearch({ from: '/entities/$category/$id' });
  const query = useTimeline(view.category, view.id, command);
  const [zoom, setZoom] = useState(0);
  const step = (by: number): void => setZoom(Math.min(ZOOMS.length - 1, Math.max(0, zoom + by)));
  return (
    <Panel
      title="Timeline"
      query={query}
      lines={14}
      isEmpty={({ items }) => items.length === 0}
      actions={
        <>
          <Jump />
          <button type="button" aria-label="Zoom out" disabled={zoom === 0} onClick={() => step(-1)}>
            −
          </button>
          <button
            type="button"
            aria-label="Zoom in"
            disabled={zoom === ZOOMS.length - 1}
            onClick={() => step(1)}
          >
            +
          </button>
        </>
      }
    >
      {(timeline) => (
        <>
          <Shown {...view} timeline={timeline} zoom={ZOOMS[zoom] ?? 1} />
          <div className="buttons">
            <button
              type="button"
              disabled={!query.hasPreviousPage}
              onClick={() => void query.fetchPreviousPage()}
            >
              Show what was before
            </button>
            <button type="button" disabled={!query.hasNextPage} onClick={() => void query.fetchNextPage()}>
              Show what came after
            </button>
          </div>
        </>
      )}
    </Panel>
  );
}

/** Sets off what belongs to a command. Its id stands in the address. */
function Jump() {
  const { command = '' } = useSearch({ from: '/entities/$category/$id' });
  const navigate = useNavigate();
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const asked = new FormData(event.currentTarget).get('command');
    void navigate({
      to: '.',
      search: { tab: 'timeline', command: typeof asked === 'string' ? asked.trim() : '' } as never,
    });
  };
  return (
    <form role="search" aria-label="Find a command" onSubmit={onSubmit} key={command}>
      <label>
        <span className="visually-hidden">Command id</span>
        <input
          name="command"
          defaultValue={command}
          placeholder="Command id"
          autoComplete="off"
          spellCheck={false}
        />
      </label>
    </form>
  );
}

type ShownProps = EntityView & { readonly timeline: Timeline; readonly zoom: number };

function Shown({ timeline, zoom, ...view }: ShownProps) {
  const { command } = useSearch({ from: '/entities/$category/$id' });
  const [chosen, setChosen] = useState<string>();
  const { items, missing } = timeline;
  const ofCommand = items.find(({ commandId }) => commandId === command);
  const open = chosen ?? ofCommand?.id;
  return (
    <>
      {missing.map(({ source, reason }) => (
        <Notice key={source} tone="away" title={`${source} is not shown`}>
          <p>{reason}</p>
        </Notice>
      ))}
      {command !== undefined && !ofCommand && (
        <Notice tone="empty" title="No such command was found in what is shown">
          <p>{command}</p>
        </Notice>
      )}
      <TimelineChart
        timeline={timeline}
        zoom={zoom}
        chosen={open}
        commandId={ofCommand && command}
        onChoose={setChosen}
      />
      <ItemList {...view} items={items} open={open} onOpen={setChosen} />
    </>
  );
}

interface ItemListProps extends EntityView {
  readonly items: readonly TimelineItem[];
  readonly open: string | undefined;
  readonly onOpen: (id: string | undefined) => void;
}

/** The same as a list, the latest first, which the keyboard goes through. */
function ItemList({ items, open, onOpen, ...view }: ItemListProps) {
  return (
    <ol className="timeline-list">
      {items.toReversed().map((item) => (
        <li key={item.id} data-future={item.isFuture}>
          <button
            type="button"
            className="event-row"
            aria-expanded={item.id === open}
            onClick={() => onOpen(item.id === open ? undefined : item.id)}
          >
            <span className="quiet lane-word">{LANES[item.lane]}</span>
            <strong>{item.title}</strong>
            <span className="event-facts">{item.detail}</span>
            <Time at={item.at} />
          </button>
          {item.id === open && <Detail {...view} item={item} />}
        </li>
      ))}
    </ol>
  );
}

/** Addresses of the API for something that the console shows are shown there. */
function consoleLink({ link }: TimelineItem, { category, id }: EntityView): string | undefined {
  return link === undefined || link.startsWith('/v1/') || link === pageOf(category.name, id)
    ? undefined
    : link;
}

function Detail({ item, ...view }: EntityView & { readonly item: TimelineItem }) {
  const { at, until, revision } = item;
  const link = consoleLink(item, view);
  const { category, id } = view;
  return (
    <div className="event-detail">
      <p className="detail-links">
        {until !== undefined && <span>for {duration(Date.parse(until) - Date.parse(at))}</span>}
        {item.actor !== undefined && <span>by {item.actor}</span>}
        {revision !== undefined && category.can.why && (
          <To to={`${pageOf(category.name, id)}?tab=history&revision=${revision}`}>What it changed</To>
        )}
        {item.commandId !== undefined && (
          <To to={`${pageOf(category.name, id)}?tab=timeline&command=${encodeURIComponent(item.commandId)}`}>
            All of this command
          </To>
        )}
        {link !== undefined && <To to={link}>Open</To>}
      </p>
      <Json value={item} label={item.title} />
    </div>
  );
}

import { useMemo } from 'react';
import { type Lane, LANES, type Timeline, type TimelineItem } from '../api/timeline.js';
import { timeScale, type TimeScale } from './time-scale.js';
import { duration } from './durations.js';
import { exact } from './time.js';

interface ChartProps {
  readonly timeline: Timeline;
  readonly zoom: number;
  readonly chosen: string | undefined;
  /** Its items are set off from all others. */
  readonly commandId: string | undefined;
  readonly onChoose: (id: string) => void;
}

const PIXELS = 760;
/** Room for the names of the lanes, and beyond the last item. */
const MARGIN_PIXELS = 24;

/** Everything that happened, and will, on one axis: a lane for each kind. */
export function TimelineChart({ timeline, zoom, chosen, commandId, onChoose }: ChartProps) {
  const { items, now } = timeline;
  const scale = useMemo(() => scaleOf(items, now, PIXELS * zoom), [items, now, zoom]);
  const lanes = (Object.keys(LANES) as Lane[]).filter((lane) => items.some((item) => item.lane === lane));
  const width = scale.width + 2 * MARGIN_PIXELS;
  return (
    <div className="timeline" role="region" aria-label="Timeline on one axis" tabIndex={0}>
      <div className="timeline-inner" style={{ width: `calc(8rem + ${width}px)` }}>
        {lanes.map((lane) => (
          <div key={lane} className="lane" data-lane={lane}>
            <span className="lane-name">{LANES[lane]}</span>
            <div className="lane-items">
              {items
                .filter((item) => item.lane === lane)
                .map((item) => (
                  <Mark
                    key={item.id}
                    item={item}
                    scale={scale}
                    isChosen={item.id === chosen}
                    isFaded={commandId !== undefined && item.commandId !== commandId}
                    onChoose={onChoose}
                  />
                ))}
            </div>
          </div>
        ))}
        <Axis scale={scale} now={now} />
      </div>
    </div>
  );
}

function scaleOf(items: readonly TimelineItem[], now: string, pixels: number): TimeScale {
  const times = items.flatMap(({ at, until }) => [at, ...(until === undefined ? [] : [until])]);
  return timeScale([...times, now].map(Date.parse), pixels);
}

interface MarkProps {
  readonly item: TimelineItem;
  readonly scale: TimeScale;
  readonly isChosen: boolean;
  readonly isFaded: boolean;
  readonly onChoose: (id: string) => void;
}

/** A moment, or a bar from its beginning to its end. The list below says the same to the keyboard. */
function Mark({ item, scale, isChosen, isFaded, onChoose }: MarkProps) {
  const left = scale.place(Date.parse(item.at));
  const right = item.until === undefined ? left : scale.place(Date.parse(item.until));
  return (
    <button
      ref={isChosen ? scrollIntoSight : undefined}
      type="button"
      tabIndex={-1}
      className="mark"
      style={{ left: MARGIN_PIXELS + left, width: Math.max(10, right - left) }}
      aria-label={item.title}
      aria-pressed={isChosen}
      data-future={item.isFuture}
      data-bar={item.until !== undefined || undefined}
      data-faded={isFaded || undefined}
      title={`${item.title}\n${exact(item.at)}`}
      onClick={() => onChoose(item.id)}
    />
  );
}

function scrollIntoSight(mark: HTMLButtonElement | null): void {
  mark?.scrollIntoView({ block: 'nearest', inline: 'center' });
}

function Axis({ scale, now }: { readonly scale: TimeScale; readonly now: string }) {
  return (
    <div className="axis" aria-hidden>
      <div className="lane-items">
        {scale.gaps.map(({ from, to, left, width }) => (
          <span
            key={from}
            className="gap"
            style={{ left: MARGIN_PIXELS + left, width }}
            title={duration(to - from)}
          >
            {duration(to - from).replace(/(\d+ [a-z]+) .*/, '$1')}
          </span>
        ))}
        <span className="now" style={{ left: MARGIN_PIXELS + scale.place(Date.parse(now)) }}>
          now
        </span>
      </div>
    </div>
  );
}

import { useState } from 'react';
import type { Need, Overview, useOverview } from '../api/overview.js';
import { To } from '../components/link.js';
import { Panel } from '../components/panel.js';
import { Sparkline } from '../components/sparkline.js';
import { Notice } from '../components/states.js';
import { Sentence, Time } from '../components/time.js';
import { Status } from '../components/value.js';

type OverviewQuery = ReturnType<typeof useOverview>;

const WORDS = { now: 'now', soon: 'soon', watch: 'keep an eye on' } as const;

/** What needs a person, the most urgent first: each with the page on which it is mended. */
export function Needs({ query }: { readonly query: OverviewQuery }) {
  return (
    <Panel
      title="Needs a person"
      query={query}
      lines={3}
      isEmpty={({ needs, missing }) => needs.length + missing.length === 0}
      empty={<Notice tone="empty" title="Nothing needs a person" />}
    >
      {({ needs, missing }) => (
        <>
          <ol className="needs" aria-label="Needs a person">
            {needs.map((need) => (
              <NeedRow key={`${need.kind} ${need.link} ${need.title}`} need={need} />
            ))}
          </ol>
          {missing.map(({ source, reason }) => (
            <Notice key={source} tone="away" title={`${source} could not be asked`}>
              <p>{reason}</p>
            </Notice>
          ))}
        </>
      )}
    </Panel>
  );
}

function NeedRow({ need: { severity, title, detail, since, service, link } }: { readonly need: Need }) {
  return (
    <li data-severity={severity}>
      <span className="severity">{WORDS[severity]}</span>
      <To to={link}>{title}</To>
      {detail !== undefined && (
        <span className="quiet">
          <Sentence text={detail} />
        </span>
      )}
      <span className="quiet need-age">
        {service}
        {since !== undefined && (
          <>
            , <Time at={since} />
          </>
        )}
      </span>
    </li>
  );
}

/** How many values are kept for a chart: ten minutes. */
const KEPT = 120;

/** Rates and latencies, each with how it went since the page was opened. */
export function Rates({ query }: { readonly query: OverviewQuery }) {
  const series = useSeries(query.data);
  return (
    <Panel title="The last minute" query={query} lines={3} isEmpty={() => series.size === 0}>
      {() => (
        <div className="sparklines">
          {[...series].map(([name, values]) => (
            <Sparkline key={name} label={name} values={values} unit={/milliseconds/.test(name) ? 'ms' : ''} />
          ))}
        </div>
      )}
    </Panel>
  );
}

type Series = ReadonlyMap<string, readonly number[]>;

/** Adds each new overview to what was seen before. */
function useSeries(overview: Overview | undefined): Series {
  const [seen, setSeen] = useState<{ at?: string; series: Series }>({ series: new Map() });
  if (overview && overview.at !== seen.at) {
    const series = new Map(seen.series);
    for (const [name, value] of numbersIn({ ...overview.rates, ...overview.latencies })) {
      series.set(name, [...(series.get(name) ?? []), value].slice(-KEPT));
    }
    setSeen({ at: overview.at, series });
  }
  return seen.series;
}

/** All numbers, by their names in words: `commandsPerSecond` is `commands per second`. */
function numbersIn(value: unknown, name = ''): readonly (readonly [string, number])[] {
  if (typeof value === 'number') return [[name, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([field, inner]) => {
    const words = field.replace(/(?<=[a-z0-9])(?=[A-Z])/g, ' ').toLowerCase();
    return numbersIn(inner, name === '' ? words : `${name} ${words}`);
  });
}

/** Which services there are, since when, and in which version. */
export function Versions({ query }: { readonly query: OverviewQuery }) {
  return (
    <Panel title="Services" query={query} lines={4}>
      {({ services }) => (
        <ul className="rows services">
          {services.map(({ name, version, isReady, startedAt }) => (
            <li key={name}>
              <strong>{name}</strong>
              <Status value={isReady ? 'ok' : 'unavailable'} />
              {version !== undefined && <span className="quiet">{version}</span>}
              {startedAt !== undefined && (
                <span className="quiet">
                  started <Time at={startedAt} />
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

import { useNavigate, useSearch } from '@tanstack/react-router';
import { useDeferredValue, useId } from 'react';
import { type Reason, useDiff, useStateAt, useWhy } from '../api/history.js';
import { Actor } from '../components/actor.js';
import { Changes } from '../components/changes.js';
import { Json } from '../components/json.js';
import { Panel } from '../components/panel.js';
import { pathInWords } from '../components/pointer.js';
import { Time } from '../components/time.js';
import { Value } from '../components/value.js';
import type { EntityView } from './entity.js';

/** What the entity was after each of its events, what that event changed, and why all is as it is. */
export function EntityHistory(view: EntityView) {
  return (
    <Panel title="History" query={view.query} lines={14}>
      {({ revision }) => <Travel {...view} latest={revision} />}
    </Panel>
  );
}

function Travel({ latest, ...view }: EntityView & { readonly latest: number }) {
  const { revision: asked } = useSearch({ from: '/entities/$category/$id' });
  const navigate = useNavigate();
  const revision = Math.min(latest, Math.max(0, Number(asked ?? latest) || 0));
  // While the slider moves, what was read last stays in sight.
  const shown = useDeferredValue(revision);
  const go = (to: number): void =>
    void navigate({ to: '.', search: { tab: 'history', revision: String(to) } as never, replace: true });
  return (
    <>
      <Slider latest={latest} revision={revision} onGo={go} />
      <div className="past">
        <Difference {...view} revision={shown} />
        <Reasons {...view} revision={shown} onGo={go} />
        <Past {...view} revision={shown} />
      </div>
    </>
  );
}

interface SliderProps {
  readonly latest: number;
  readonly revision: number;
  readonly onGo: (revision: number) => void;
}

function Slider({ latest, revision, onGo }: SliderProps) {
  const id = useId();
  return (
    <div className="slider">
      <label htmlFor={id}>Revision</label>
      <button
        type="button"
        aria-label="One before"
        disabled={revision === 0}
        onClick={() => onGo(revision - 1)}
      >
        ◂
      </button>
      <input
        id={id}
        type="range"
        min={0}
        max={latest}
        value={revision}
        onChange={({ target }) => onGo(target.valueAsNumber)}
      />
      <button
        type="button"
        aria-label="One after"
        disabled={revision === latest}
        onClick={() => onGo(revision + 1)}
      >
        ▸
      </button>
      <output>
        {revision} of {latest}
      </output>
    </div>
  );
}

type AtRevision = EntityView & { readonly revision: number };

function Difference({ category, id, currency, revision }: AtRevision) {
  const query = useDiff(category, id, revision);
  return (
    <Panel title={`What event ${revision} changed`} query={query} lines={4}>
      {({ changes, to }) => (
        <>
          {to.at !== undefined && <Time at={to.at} />}
          <Changes changes={changes} currency={currency} />
        </>
      )}
    </Panel>
  );
}

function Past({ category, id, revision }: AtRevision) {
  const query = useStateAt(category, id, revision);
  return (
    <Panel title={`State at revision ${revision}`} query={query} lines={8}>
      {(state) => <Json value={state} label={`State at revision ${revision}`} />}
    </Panel>
  );
}

function Reasons({ category, id, currency, revision, onGo }: AtRevision & Pick<SliderProps, 'onGo'>) {
  const query = useWhy(category, id, revision);
  return (
    <Panel title={`Why it was so at revision ${revision}`} query={query} lines={8}>
      {({ fields, omitted = 0 }) => (
        <div className="scroll" role="region" aria-label="Reasons" tabIndex={0}>
          <table>
            <thead>
              <tr>
                {['Field', 'Value', 'Event', 'When', 'By', 'Command'].map((title) => (
                  <th key={title} scope="col">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {fields.map((reason) => (
                <ReasonRow key={reason.path} reason={reason} currency={currency} onGo={onGo} />
              ))}
            </tbody>
          </table>
          {omitted > 0 && <p className="quiet">{omitted} more</p>}
        </div>
      )}
    </Panel>
  );
}

interface ReasonRowProps {
  readonly reason: Reason;
  readonly currency: string | undefined;
  readonly onGo: (revision: number) => void;
}

function ReasonRow({ reason, currency, onGo }: ReasonRowProps) {
  const { path, value, event, revision, at, actor, onBehalfOf, commandId, traceId } = reason;
  return (
    <tr>
      <th scope="row">{pathInWords(path)}</th>
      <td>
        <Value name={path.slice(path.lastIndexOf('/') + 1)} value={value} currency={currency} />
      </td>
      <td>
        <button type="button" className="quiet-button" onClick={() => onGo(revision)}>
          {event} ({revision})
        </button>
      </td>
      <td>
        <Time at={at} />
      </td>
      <td>
        <Actor name={actor} />
        {onBehalfOf !== undefined && ` for ${onBehalfOf}`}
      </td>
      <td title={traceId && `trace ${traceId}`}>
        <span className="text">{commandId}</span>
      </td>
    </tr>
  );
}

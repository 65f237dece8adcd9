import type { UseQueryResult } from '@tanstack/react-query';
import { mayUse } from '../api/catalog.js';
import { type EntityEvent, useAllEvents } from '../api/entity.js';
import { useSession } from '../api/session.js';
import { To } from '../components/link.js';
import { Panel } from '../components/panel.js';
import { type Stage, stagesOfFlow, stagesOfSaga, type Verb } from '../components/process.js';
import { duration } from '../components/durations.js';
import { Time, useNow } from '../components/time.js';
import { Status } from '../components/value.js';
import { pageOf } from '../navigation.js';
import type { EntityView } from './entity.js';

/** A saga or a flow as a diagram: its parts in order, on one axis, with what each waits for. */
export function EntityProcess(view: EntityView) {
  const { category, id, state } = view;
  const events = useAllEvents(category, id, state?.revision);
  const query = { ...events, data: state && events.data } as UseQueryResult<readonly EntityEvent[]>;
  return (
    <Panel title={category.kind === 'saga' ? 'Steps' : 'What it did'} query={query} lines={8}>
      {(all) => {
        if (!state) return null;
        const stages = category.kind === 'saga' ? stagesOfSaga(state, all) : stagesOfFlow(state, all);
        return <Diagram {...view} stages={stages} />;
      }}
    </Panel>
  );
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function Diagram({ stages, ...view }: EntityView & { readonly stages: readonly Stage[] }) {
  const now = useNow();
  const isOver = stages.every(({ at, until }) => at === undefined || until !== undefined);
  const times = stages
    .flatMap(({ at, until }) => [at, until])
    .filter((time) => time !== undefined)
    .map(Date.parse);
  const span = { from: Math.min(...times), to: isOver ? Math.max(...times) : now };
  return (
    <ol className="process">
      {stages.map((stage) => (
        <StageRow key={stage.key} {...view} stage={stage} span={span} now={now} />
      ))}
    </ol>
  );
}

type StageProps = EntityView & { readonly stage: Stage; readonly span: Span; readonly now: number };

function StageRow({ stage, span, now, ...view }: StageProps) {
  const { title, status, at, until, dueAt, notes, verbs } = stage;
  const from = at === undefined ? undefined : Date.parse(at);
  const to = until === undefined ? now : Date.parse(until);
  const part = (time: number): number => (100 * (time - span.from)) / Math.max(1, span.to - span.from);
  return (
    <li data-status={status}>
      <strong className="stage-title">{title}</strong>
      <Status value={status} />
      <span className="stage-bar" aria-hidden>
        {from !== undefined && (
          <span
            style={{ marginLeft: `${part(from)}%`, width: `${Math.max(0, part(to) - part(from))}%` }}
            data-open={until === undefined || undefined}
          />
        )}
      </span>
      <span className="stage-time">
        {at !== undefined && from !== undefined && (to > from ? duration(to - from) : <Time at={at} />)}
        {dueAt !== undefined && (
          <>
            , due <Time at={dueAt} />
          </>
        )}
      </span>
      {(notes.length > 0 || verbs.length > 0) && <Notes {...view} notes={notes} verbs={verbs} />}
    </li>
  );
}

type NotesProps = EntityView & Pick<Stage, 'notes' | 'verbs'>;

function Notes({ category, id, notes, verbs }: NotesProps) {
  const session = useSession();
  const isOffered = ({ command }: Verb): boolean =>
    category.commands.some(({ name, allow }) => name === command && mayUse(allow, session));
  const link = ({ command, body }: Verb): string => {
    const search = new URLSearchParams({ tab: 'command', verb: command, with: JSON.stringify(body) });
    return `${pageOf(category.name, id)}?${search}`;
  };
  return (
    <div className="stage-notes">
      {notes.map((note) => (
        <p key={note}>{note}</p>
      ))}
      {verbs.filter(isOffered).map((verb) => (
        <To key={verb.command} to={link(verb)} className="verb">
          {verb.title}
        </To>
      ))}
    </div>
  );
}

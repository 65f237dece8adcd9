import { useEffect, useReducer, useRef, useState } from 'react';
import { type DoctorLine, type Drift, examine, type Examination } from '../api/examine.js';
import { DeedDialog } from '../components/deed.js';
import { Rows } from '../components/rows.js';
import { Failure } from '../components/states.js';
import { ExaminationForm } from './operations-doctor-form.js';

type Progress = Extract<DoctorLine, { kind: 'progress' }>;

interface Found {
  readonly state: 'running' | 'done' | 'failed' | 'stopped';
  readonly progress?: Progress;
  readonly drift: readonly Drift[];
  readonly reports: readonly Readonly<Record<string, unknown>>[];
  readonly error?: Error;
}

const BEGUN: Found = { state: 'running', drift: [], reports: [] };
/** More than a page can show is counted in the reports. */
const MOST_DRIFT = 500;

type Step = DoctorLine | { kind: 'begin' } | { kind: 'error'; error: Error } | { kind: 'stopped' };

function foundAfter(found: Found | undefined, step: Step): Found {
  const before = found ?? BEGUN;
  switch (step.kind) {
    case 'begin':
      return BEGUN;
    case 'progress':
      return { ...before, progress: step };
    case 'drift':
      return { ...before, drift: [...before.drift, step.drift].slice(0, MOST_DRIFT) };
    case 'report':
      return { ...before, reports: [...before.reports, { ...step.report, views: undefined }] };
    case 'failed':
      return { ...before, state: 'failed', error: new Error(step.detail) };
    case 'error':
      // The answer ends after its last line, too.
      return before.state === 'running' ? { ...before, state: 'failed', error: step.error } : before;
    case 'done':
    case 'stopped':
      return { ...before, state: before.state === 'running' ? step.kind : before.state };
  }
}

/** Compares what was written with what is shown, and heals differences. */
export function Doctor() {
  const [found, step] = useReducer(foundAfter, undefined);
  const [asked, setAsked] = useState<Examination>();
  const [last, setLast] = useState<Examination>();
  const run = useRef<AbortController>(undefined);
  useEffect(() => () => run.current?.abort(), []);
  const start = async (examination: Examination): Promise<void> => {
    const stop = new AbortController();
    run.current = stop;
    setLast(examination);
    step({ kind: 'begin' });
    try {
      for await (const line of examine(examination, stop.signal)) step(line);
      step({ kind: 'error', error: new Error('The answer broke off') });
    } catch (error) {
      if (stop.signal.aborted) step({ kind: 'stopped' });
      else step({ kind: 'error', error: error as Error });
    }
  };
  const isRunning = found?.state === 'running';
  const onSubmit = (examination: Examination): void => {
    if (examination.heal) setAsked(examination);
    else void start(examination);
  };
  return (
    <>
      <ExaminationForm isRunning={isRunning} onSubmit={onSubmit} onStop={() => run.current?.abort()} />
      {found && <Answer found={found} onHeal={last && (() => setAsked({ ...last, heal: true }))} />}
      {asked && <HealDialog asked={asked} onClose={() => setAsked(undefined)} start={start} />}
    </>
  );
}

interface HealDialogProps {
  readonly asked: Examination;
  readonly onClose: () => void;
  readonly start: (examination: Examination) => Promise<void>;
}

function HealDialog({ asked, onClose, start }: HealDialogProps) {
  return (
    <DeedDialog
      deed={{
        verb: 'Heal',
        name: asked.stream ?? asked.service,
        about: 'What differs from its stream is rebuilt from it: states on topics, rows of views, entities.',
        isDangerous: true,
        act: async () => {
          onClose();
          void start(asked);
        },
      }}
      onClose={onClose}
    />
  );
}

interface AnswerProps {
  readonly found: Found;
  /** Examines the same again, and heals what differs. */
  readonly onHeal: (() => void) | undefined;
}

function Answer({ found, onHeal }: AnswerProps) {
  const { state, progress, drift, reports, error } = found;
  const isToHeal = state === 'done' && drift.some(({ healed }) => !healed);
  return (
    <section className="panel" aria-label="Findings" aria-busy={state === 'running'}>
      <header className="panel-head">
        <h2>Findings</h2>
        <span className="quiet" role="status">
          {sentenceOf(state, drift)}
        </span>
        {isToHeal && onHeal && (
          <div className="panel-actions">
            <button type="button" onClick={onHeal}>
              Heal what differs
            </button>
          </div>
        )}
      </header>
      {state === 'running' && progress && (
        <p>
          {progress.category}: {progress.done.toLocaleString()}
          {progress.of !== undefined && ` of ${progress.of.toLocaleString()}`} {progress.stage}
          {progress.of !== undefined && (
            <progress max={Math.max(1, progress.of)} value={progress.done} aria-label={progress.stage} />
          )}
        </p>
      )}
      {error && <Failure error={error} />}
      {drift.length > 0 && <Rows label="Differences" rows={drift as unknown as Found['reports']} />}
      {reports.length > 0 && <Rows label="Reports" rows={reports} />}
    </section>
  );
}

function sentenceOf(state: Found['state'], drift: readonly Drift[]): string {
  const healed = drift.filter((one) => one.healed).length;
  const differences = drift.length === 0 ? 'No difference' : `${drift.length} differences, ${healed} healed`;
  const first = { running: 'It examines.', done: 'Done.', failed: 'It failed.', stopped: 'Stopped.' }[state];
  return `${first} ${differences}${state === 'done' ? '' : ' so far'}.`;
}

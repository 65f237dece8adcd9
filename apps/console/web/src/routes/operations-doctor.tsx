import { type FormEvent, useEffect, useId, useReducer, useRef, useState } from 'react';
import { SERVICES, type ServiceName } from '#contracts/services.js';
import { type DoctorLine, type Drift, examine, type Examination } from '../api/examine.js';
import { useMay } from '../api/operations.js';
import { DeedDialog } from '../components/deed.js';
import { Rows } from '../components/rows.js';
import { Failure, Notice } from '../components/states.js';

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
  const run = useRef<AbortController>(undefined);
  useEffect(() => () => run.current?.abort(), []);
  const start = async (examination: Examination): Promise<void> => {
    const stop = new AbortController();
    run.current = stop;
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
      {found && <Answer found={found} />}
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

interface ExaminationFormProps {
  readonly isRunning: boolean;
  readonly onSubmit: (examination: Examination) => void;
  readonly onStop: () => void;
}

function ExaminationForm({ isRunning, onSubmit, onStop }: ExaminationFormProps) {
  const may = useMay();
  const [service, setService] = useState<ServiceName>('account');
  const categories = Object.keys(SERVICES.find(({ name }) => name === service)?.collections ?? {});
  if (!may(`/v1/operations/${service}/doctor`)) return <Notice tone="forbidden" title="Not for you" />;
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    onSubmit(examinationIn(service, new FormData(event.currentTarget)));
  };
  return (
    <form className="filters panel" aria-label="Examination" onSubmit={submit}>
      <Choice
        label="Service"
        options={SERVICES.map(({ name }) => name)}
        onChange={(name) => setService(name as ServiceName)}
      />
      <Choice key={service} label="Category" options={['', ...categories]} />
      <Text label="Stream" placeholder="account-default.alice" />
      <Text label="Sample" placeholder="all" pattern="\d{1,6}" />
      <label>
        <input type="checkbox" name="heal" /> Heal
      </label>
      <button type="submit" className="main-button" disabled={isRunning}>
        Examine
      </button>
      {isRunning && (
        <button type="button" onClick={onStop}>
          Stop
        </button>
      )}
    </form>
  );
}

function examinationIn(service: ServiceName, form: FormData): Examination {
  const [category, stream, sample] = ['category', 'stream', 'sample'].map((name) => {
    const value = form.get(name);
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
  });
  return {
    service,
    ...(category !== undefined && { category }),
    ...(stream !== undefined && { stream }),
    ...(sample !== undefined && { sample: Number(sample) }),
    ...(form.has('heal') && { heal: true }),
  };
}

interface ChoiceProps {
  readonly label: string;
  readonly options: readonly string[];
  readonly onChange?: (value: string) => void;
}

function Choice({ label, options, onChange }: ChoiceProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} name={label.toLowerCase()} onChange={(event) => onChange?.(event.target.value)}>
        {options.map((option) => (
          <option key={option} value={option}>
            {option === '' ? 'all' : option}
          </option>
        ))}
      </select>
    </div>
  );
}

interface TextProps {
  readonly label: string;
  readonly placeholder: string;
  readonly pattern?: string;
}

function Text({ label, ...rest }: TextProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} name={label.toLowerCase()} autoComplete="off" spellCheck={false} {...rest} />
    </div>
  );
}

function Answer({ found: { state, progress, drift, reports, error } }: { readonly found: Found }) {
  return (
    <section className="panel" aria-label="Findings" aria-busy={state === 'running'}>
      <header className="panel-head">
        <h2>Findings</h2>
        <span className="quiet" role="status">
          {sentenceOf(state, drift)}
        </span>
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

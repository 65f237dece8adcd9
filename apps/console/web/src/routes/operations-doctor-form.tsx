import { useSearch } from '@tanstack/react-router';
import { type FormEvent, useId, useState } from 'react';
import { SERVICES, type ServiceName } from '#contracts/services.js';
import type { Examination } from '../api/examine.js';
import { useMay } from '../api/operations.js';
import { Notice } from '../components/states.js';

interface ExaminationFormProps {
  readonly isRunning: boolean;
  readonly onSubmit: (examination: Examination) => void;
  readonly onStop: () => void;
}

/** What the doctor is to examine. A link names a service and a stream to begin with. */
export function ExaminationForm({ isRunning, onSubmit, onStop }: ExaminationFormProps) {
  const may = useMay();
  const { service: given = 'account', stream } = useSearch({ from: '/operations/$part' });
  const [service, setService] = useState(given as ServiceName);
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
        start={given}
        onChange={(name) => setService(name as ServiceName)}
      />
      <Choice key={service} label="Category" options={['', ...categories]} />
      <Text label="Stream" placeholder="account-default.alice" start={stream} />
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
  readonly start?: string;
  readonly onChange?: (value: string) => void;
}

function Choice({ label, options, start, onChange }: ChoiceProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        name={label.toLowerCase()}
        defaultValue={start}
        onChange={(event) => onChange?.(event.target.value)}
      >
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
  readonly start?: string | undefined;
  readonly pattern?: string;
}

function Text({ label, start, ...rest }: TextProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        name={label.toLowerCase()}
        defaultValue={start}
        autoComplete="off"
        spellCheck={false}
        {...rest}
      />
    </div>
  );
}

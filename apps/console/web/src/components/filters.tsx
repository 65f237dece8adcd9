import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useId } from 'react';
import { inWords } from '../api/catalog.js';
import type { CatalogParameter } from '../../../server/catalog.types.js';

interface FiltersProps {
  readonly parameters: readonly CatalogParameter[];
  readonly given: Readonly<Record<string, string>>;
}

const PAGING = new Set(['cursor', 'limit']);

/** The parameters of a list as a form. What is chosen stands in the address, so it can be sent to others. */
export function Filters({ parameters, given }: FiltersProps) {
  const navigate = useNavigate();
  const choose = (form: HTMLFormElement): void => {
    const values = [...new FormData(form)].filter(([, value]) => value !== '');
    void navigate({ to: '.', search: Object.fromEntries(values) as never });
  };
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    choose(event.currentTarget);
  };
  const shown = parameters.filter(({ name }) => !PAGING.has(name));
  if (shown.length === 0) return null;
  return (
    <form
      className="filters"
      role="search"
      aria-label="Filters"
      onSubmit={onSubmit}
      key={JSON.stringify(given)}
    >
      {shown.map((parameter) => (
        <Filter
          key={parameter.name}
          parameter={parameter}
          value={given[parameter.name] ?? ''}
          onChoose={choose}
        />
      ))}
      <button type="submit">Filter</button>
      {shown.some(({ name }) => given[name]) && (
        <button
          type="button"
          className="quiet-button"
          onClick={() => void navigate({ to: '.', search: {} as never })}
        >
          Clear
        </button>
      )}
    </form>
  );
}

interface FilterProps {
  readonly parameter: CatalogParameter;
  readonly value: string;
  readonly onChoose: (form: HTMLFormElement) => void;
}

function Filter({ parameter: { name, schema, required, description }, value, onChoose }: FilterProps) {
  const id = useId();
  const choices = choicesOf(schema);
  return (
    <div className="field">
      <label htmlFor={id} title={description}>
        {inWords(name)}
        {required && ' (needed)'}
      </label>
      {choices ? (
        <select
          id={id}
          name={name}
          defaultValue={value}
          onChange={({ currentTarget }) => currentTarget.form && onChoose(currentTarget.form)}
        >
          <option value="">any</option>
          {choices.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : (
        <input
          id={id}
          name={name}
          defaultValue={value}
          autoComplete="off"
          spellCheck={false}
          required={required}
        />
      )}
    </div>
  );
}

function choicesOf(schema: CatalogParameter['schema']): readonly string[] | undefined {
  if (Array.isArray(schema['enum'])) return schema['enum'].map(String);
  return schema['type'] === 'boolean' ? ['true', 'false'] : undefined;
}

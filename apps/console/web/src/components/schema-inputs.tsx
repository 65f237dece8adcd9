import { use, useState } from 'react';
import { isMoney, money } from './money.js';
import { choicesOf, Form, type InputProps } from './schema.js';

function common({ id, describedBy, isWrong, isRequired }: InputProps) {
  return { id, required: isRequired, 'aria-describedby': describedBy, 'aria-invalid': isWrong };
}

export function TextInput(props: InputProps) {
  const { value, onChange, schema } = props;
  const max = Number(schema['maxLength'] ?? 0);
  const [example = ''] = (schema['examples'] ?? []) as string[];
  const shared = {
    ...common(props),
    value: typeof value === 'string' ? value : '',
    placeholder: example,
    spellCheck: false,
    ...(max > 0 && { maxLength: max }),
  };
  const write = (text: string): void => onChange(text === '' ? undefined : text);
  return <input {...shared} autoComplete="off" onChange={({ target }) => write(target.value)} />;
}

/** A number. An amount is written in minor units, as the API takes it, and shown in its currency. */
export function NumberInput(props: InputProps) {
  const { name, value, onChange, schema } = props;
  const { currency } = use(Form);
  const number = typeof value === 'number' ? value : undefined;
  const shown = number !== undefined && currency && isMoney(name) ? money(number, currency) : undefined;
  const isInteger = schema['type'] === 'integer';
  return (
    <span className="with-unit">
      <input
        {...common(props)}
        type="number"
        inputMode={isInteger ? 'numeric' : 'decimal'}
        step={isInteger ? 1 : 'any'}
        min={schema['minimum'] as number | undefined}
        max={schema['maximum'] as number | undefined}
        value={number ?? ''}
        onChange={({ target }) => onChange(target.value === '' ? undefined : target.valueAsNumber)}
      />
      {isMoney(name) && <output>{shown ?? 'in minor units, such as cents'}</output>}
    </span>
  );
}

/** A time. The browser asks for one of here; the API gets it in UTC. */
export function TimeInput(props: InputProps) {
  const { value, onChange } = props;
  const time = typeof value === 'string' ? new Date(value) : undefined;
  const here =
    time && new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
  return (
    <span className="with-unit">
      <input
        {...common(props)}
        type="datetime-local"
        step={1}
        value={here ?? ''}
        onChange={({ target }) =>
          onChange(target.value === '' ? undefined : new Date(target.value).toISOString())
        }
      />
      <output>{typeof value === 'string' ? value : ''}</output>
    </span>
  );
}

export function ChoiceInput(props: InputProps) {
  const { value, onChange, schema } = props;
  const choices = choicesOf(schema) ?? [true, false];
  const write = (text: string): void => onChange(choices.find((choice) => JSON.stringify(choice) === text));
  return (
    <select
      {...common(props)}
      value={value === undefined ? '' : JSON.stringify(value)}
      onChange={({ target }) => write(target.value)}
    >
      <option value="">choose …</option>
      {choices.map((choice) => (
        <option key={String(choice)} value={JSON.stringify(choice)}>
          {String(choice)}
        </option>
      ))}
    </select>
  );
}

/** Anything else, as JSON. */
export function JsonInput(props: InputProps) {
  const [text, setText] = useState(() => (props.value === undefined ? '' : JSON.stringify(props.value)));
  const [isJson, setJson] = useState(true);
  const write = (next: string): void => {
    setText(next);
    try {
      props.onChange(next.trim() === '' ? undefined : JSON.parse(next));
      setJson(true);
    } catch {
      setJson(false);
    }
  };
  return (
    <>
      <textarea
        {...common(props)}
        aria-invalid={!isJson || props.isWrong}
        rows={3}
        spellCheck={false}
        placeholder="JSON"
        value={text}
        onChange={({ target }) => write(target.value)}
      />
      {!isJson && <p className="mistake">This is not JSON.</p>}
    </>
  );
}

import { type ReactNode, use, useId } from 'react';
import { inWords } from '../api/catalog.js';
import type { Schema } from '../../../server/catalog.types.js';
import { ChoiceInput, JsonInput, NumberInput, TextInput, TimeInput } from './schema-inputs.js';
import {
  type FieldProps,
  fieldsOf,
  Form,
  type InputProps,
  kindOf,
  startOf,
  variantName,
  variantsOf,
  withoutAbsent,
} from './schema.js';

/** A field with its label, and what the service said about it. */
function SchemaField(props: FieldProps) {
  const kind = kindOf(props.schema);
  if (kind === 'object') return <ObjectField {...props} />;
  if (kind === 'array') return <ArrayField {...props} />;
  if (kind === 'variants') return <VariantField {...props} />;
  return <LeafField {...props} />;
}

function LeafField(props: FieldProps) {
  const id = useId();
  const { name, schema, isRequired, pointer } = props;
  const mistake = use(Form).errors.find((error) => error.pointer === pointer);
  const description = schema['description'];
  return (
    <div className="field">
      <label htmlFor={id}>
        {inWords(name)}
        {!isRequired && <span className="quiet"> (optional)</span>}
      </label>
      <Input {...props} id={id} describedBy={`${id}-about`} isWrong={mistake !== undefined} />
      <div id={`${id}-about`} className="about">
        {typeof description === 'string' && <p className="quiet">{description}</p>}
        {mistake && <p className="mistake">{mistake.detail}</p>}
      </div>
    </div>
  );
}

function Input(props: InputProps) {
  const kind = kindOf(props.schema);
  if (kind === 'choice' || kind === 'boolean') return <ChoiceInput {...props} />;
  if (kind === 'number') return <NumberInput {...props} />;
  if (kind === 'time') return <TimeInput {...props} />;
  return kind === 'text' ? <TextInput {...props} /> : <JsonInput {...props} />;
}

/** The fields of an object. One that is optional can be left out as a whole. */
function ObjectField({ name, schema, pointer, isRequired, value, onChange }: FieldProps) {
  if (value === undefined && !isRequired) {
    return <Add label={inWords(name)} onAdd={() => onChange(startOf(schema) ?? {})} />;
  }
  return (
    <Group name={name} onRemove={isRequired ? undefined : () => onChange(undefined)}>
      <ObjectFields schema={schema} pointer={pointer} value={value} onChange={onChange} />
    </Group>
  );
}

/** The fields of an object, without a frame. */
export function ObjectFields({
  schema,
  pointer,
  value,
  onChange,
}: Pick<FieldProps, 'schema' | 'pointer' | 'value' | 'onChange'>) {
  const now = (value ?? {}) as Readonly<Record<string, unknown>>;
  return fieldsOf(schema).map((field) => (
    <SchemaField
      key={field.name}
      {...field}
      pointer={`${pointer}/${field.name}`}
      value={now[field.name]}
      onChange={(changed) => onChange(withoutAbsent({ ...now, [field.name]: changed }))}
    />
  ));
}

function ArrayField({ name, schema, pointer, isRequired, value, onChange }: FieldProps) {
  const items = Array.isArray(value) ? (value as unknown[]) : [];
  const itemSchema = schema['items'] as Schema;
  const change = (next: unknown[]): void => onChange(next.length === 0 && !isRequired ? undefined : next);
  return (
    <Group name={name}>
      {items.map((item, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- items have no other name than their place
        <div key={index} className="item">
          <SchemaField
            name={`${name} ${index + 1}`}
            schema={itemSchema}
            pointer={`${pointer}/${index}`}
            isRequired
            value={item}
            onChange={(changed) => change(items.with(index, changed))}
          />
          <button type="button" className="quiet-button" onClick={() => change(items.toSpliced(index, 1))}>
            Remove {index + 1}
          </button>
        </div>
      ))}
      <Add label={`another of ${name}`} onAdd={() => change([...items, startOf(itemSchema)])} />
    </Group>
  );
}

function VariantField({ name, schema, pointer, isRequired, value, onChange }: FieldProps) {
  const id = useId();
  const variants = variantsOf(schema) ?? [];
  const index = Math.max(
    0,
    variants.findIndex((variant) => fits(variant, value)),
  );
  const variant = variants[index] ?? {};
  return (
    <Group name={name}>
      <div className="field">
        <label htmlFor={id}>Kind</label>
        <select
          id={id}
          value={index}
          onChange={({ target }) => onChange(startOf(variants[Number(target.value)] ?? {}))}
        >
          {variants.map((one, at) => (
            <option key={variantName(one)} value={at}>
              {variantName(one)}
            </option>
          ))}
        </select>
      </div>
      {kindOf(variant) === 'object' ? (
        <ObjectFields schema={variant} pointer={pointer} value={value} onChange={onChange} />
      ) : (
        <SchemaField {...{ name, pointer, isRequired, value, onChange }} schema={variant} />
      )}
    </Group>
  );
}

/** Whether a value has the constants of a variant, or at least its type. */
function fits(variant: Schema, value: unknown): boolean {
  if (kindOf(variant) !== 'object')
    return typeof value === (variant['type'] === 'integer' ? 'number' : variant['type']);
  if (typeof value !== 'object' || value === null) return false;
  const fields = fieldsOf(variant);
  const given = value as Record<string, unknown>;
  return fields.every(({ name, schema }) => !('const' in schema) || given[name] === schema['const']);
}

interface GroupProps {
  readonly name: string;
  readonly onRemove?: (() => void) | undefined;
  readonly children: ReactNode;
}

function Group({ name, onRemove, children }: GroupProps) {
  return (
    <fieldset>
      <legend>{inWords(name)}</legend>
      {children}
      {onRemove && (
        <button type="button" className="quiet-button" onClick={onRemove}>
          Leave out
        </button>
      )}
    </fieldset>
  );
}

function Add({ label, onAdd }: { readonly label: string; readonly onAdd: () => void }) {
  return (
    <button type="button" className="quiet-button add" onClick={onAdd}>
      Add {label.toLowerCase()}
    </button>
  );
}

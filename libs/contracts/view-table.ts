import { z } from 'zod';
import type { ColumnType, ColumnValue, ViewTable } from '#libs/core/view-definition.js';

/** A column. With a schema, the API shows it under the name of its field. */
interface Column<T extends ColumnType = ColumnType, S = z.ZodType | undefined> {
  readonly type: T;
  readonly schema: S;
  readonly name: string | undefined;
}

/** A field that the API shows and no column holds. */
interface Derived<S extends z.ZodType = z.ZodType> {
  readonly schema: S;
  readonly from: (row: never) => unknown;
}

type Field = ColumnType | Column | Derived;
type Fields = Readonly<Record<string, Field>>;

type TypeOf<F> = F extends ColumnType
  ? F
  : F extends { readonly type: infer T extends ColumnType }
    ? T
    : never;
type Nullable<F> = TypeOf<F> extends `${string}?` ? true : false;
type SchemaOf<F> = F extends { readonly schema: infer S extends z.ZodType } ? S : never;

type ValueOf<F> = [SchemaOf<F>] extends [never]
  ? ColumnValue<TypeOf<F>>
  : z.output<SchemaOf<F>> | (Nullable<F> extends true ? null | undefined : never);

/** A row as the projection returns it: one value for each column. */
type RowOfFields<F extends Fields> = {
  readonly [K in keyof F as F[K] extends Derived ? never : K]: ValueOf<F[K]>;
};

type Shape<F extends Fields> = {
  -readonly [K in keyof F as [SchemaOf<F[K]>] extends [never] ? never : K]: Nullable<F[K]> extends true
    ? z.ZodOptional<SchemaOf<F[K]>>
    : SchemaOf<F[K]>;
};

type ColumnFields<F extends Fields> = keyof RowOfFields<F> & string;

interface TableDeclaration<F extends Fields> {
  /** The fields of the primary key. */
  readonly key: readonly NoInfer<ColumnFields<F>>[];
  /** See {@link ViewTable}; the fields, not the columns. */
  readonly owner?: NoInfer<ColumnFields<F>>;
  readonly category?: NoInfer<ColumnFields<F>>;
  readonly unproven?: readonly NoInfer<ColumnFields<F>>[];
  readonly indexes?: readonly string[];
  readonly otherColumns?: readonly string[];
  readonly fillfactor?: number;
  /** Describes an item in the OpenAPI document. */
  readonly description?: string;
  /** In the order of the columns and of the fields of an item. */
  readonly row: F;
}

/** A table of a view with what the API shows of its rows. */
export interface ListedTable<
  Row extends object = object,
  S extends z.ZodRawShape = z.ZodRawShape,
> extends ViewTable<Row> {
  /** Schema of an item: a row as the API shows it. */
  readonly item: z.ZodObject<S, z.core.$strict>;
  /** The item that shows a row. */
  toItem(row: Row): z.output<z.ZodObject<S, z.core.$strict>>;
}

/**
 * A column that the API shows. Its name is that of its field in snake case, unless `name` is given.
 */
export function shown<const T extends ColumnType, S extends z.ZodType>(
  type: T,
  schema: S,
  name?: string,
): Column<T, S> {
  return { type, schema, name };
}

/** A column that the API does not show, if its name differs from that of its field. */
export function hidden<const T extends ColumnType>(type: T, name: string): Column<T, undefined> {
  return { type, schema: undefined, name };
}

/** A field that the API shows and that is computed from the other fields of a row. */
export function derived<S extends z.ZodType>(schema: S, from: (row: never) => z.output<S>): Derived<S> {
  return { schema, from };
}

/**
 * Declares a table of a view, once for all: its columns, the type of its rows and the schema of the
 * items that the API shows. The key of a field is the name of its column in camel case. A field
 * given as a bare type is a column that the API does not show.
 */
export function viewTable<const F extends Fields>(
  name: string,
  { row: declared, key, owner, category, unproven, description, ...options }: TableDeclaration<F>,
): ListedTable<RowOfFields<F>, Shape<F>> {
  const fields = Object.entries<Field>(declared).map(([field, given]) => ({
    field,
    ...partsOf(field, given),
  }));
  const columns = fields.flatMap(({ field, column, type }) => (type ? [{ field, column, type }] : []));
  const columnOf = (field: string): string => columns.find((one) => one.field === field)?.column ?? field;
  const items = fields.flatMap(({ field, type, schema, from }) => {
    return schema ? [{ field, from, schema: type?.endsWith('?') ? optional(schema) : schema }] : [];
  });
  const item = z.strictObject(Object.fromEntries(items.map(({ field, schema }) => [field, schema])));
  return {
    ...options,
    name,
    key: key.map(columnOf),
    columns: Object.fromEntries(columns.map(({ column, type }) => [column, type])),
    fields: Object.fromEntries(columns.map(({ column, field }) => [column, field])),
    owner: owner && columnOf(owner),
    category: category && columnOf(category),
    unproven: unproven?.map(columnOf),
    item: (description === undefined ? item : item.meta({ description })) as never,
    toItem: (row) => {
      const values = row as Readonly<Record<string, unknown>>;
      const shownValues = items.map(({ field, from }) => [field, from ? from(row as never) : values[field]]);
      return Object.fromEntries(
        shownValues.filter(([, value]) => (value ?? undefined) !== undefined),
      ) as never;
    },
  };
}

function optional(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodOptional ? schema : schema.optional();
}

interface FieldParts {
  readonly column: string;
  readonly type?: ColumnType;
  readonly schema?: z.ZodType | undefined;
  readonly from?: (row: never) => unknown;
}

function partsOf(field: string, given: Field): FieldParts {
  const column = field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  if (typeof given === 'string') return { column, type: given };
  if ('from' in given) return { column, ...given };
  return { column: given.name ?? column, type: given.type, schema: given.schema };
}

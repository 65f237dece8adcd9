/**
 * Which events of `$all` to select: by a prefix of a name, or by a regular expression
 * (PostgreSQL's).
 */
export interface EventFilter {
  readonly on: 'stream' | 'type';
  readonly prefixes: readonly string[];
  readonly regex: string | undefined;
}

/** The condition as SQL on a row, the parameter that it needs, and a name for its kind. */
export function filterSql(
  filter: EventFilter | undefined,
  parameter: string,
): { kind: string; sql: string; values: unknown[] } {
  if (!filter) return { kind: 'none', sql: 'true', values: [] };
  const { on, prefixes, regex } = filter;
  if (regex !== undefined) return { kind: `${on}-regex`, sql: `${on} ~ ${parameter}`, values: [regex] };
  const sql = `exists (select from unnest(${parameter}::text[]) prefix where starts_with(${on}, prefix))`;
  return { kind: `${on}-prefix`, sql, values: [prefixes] };
}

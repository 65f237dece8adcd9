/**
 * The only tenant for now. It is part of every stream name already, because stream names never
 * change.
 */
export const DEFAULT_TENANT = 'default';

/** A pattern for 1 to 48 of `A–Z a–z 0–9 _`. */
export const TENANT = '[A-Za-z0-9_]{1,48}';
const ANY = '[A-Za-z0-9._~@:-]';
const NO_DOT = '[A-Za-z0-9_~@:-]';

/**
 * A pattern for 1 to 200 of `A–Z a–z 0–9 . _ ~ @ : -`, but not `.` or `..`. It has no look-around,
 * which generators of test data cannot read.
 */
export const ENTITY_ID = `(?:${NO_DOT}${ANY}{0,199}|\\.${NO_DOT}${ANY}{0,198}|\\.{2}${NO_DOT}${ANY}{0,197}|\\.{3}${ANY}{0,197})`;

/** A pattern for the name of an entity's stream, as clients may send it. */
export const STREAM_NAME = `[A-Za-z0-9_]{1,50}-${TENANT}\\.${ENTITY_ID}`;

const ID = new RegExp(`^${ENTITY_ID}$`);
const TENANT_ONLY = new RegExp(`^${TENANT}$`);

/** Whether a text is a valid entity id: 1 to 200 of `A–Z a–z 0–9 . _ ~ @ : -`, not `.` or `..`. */
export function isEntityId(id: string): boolean {
  return ID.test(id);
}

/** Whether a text is a valid tenant: 1 to 48 of `A–Z a–z 0–9 _`. */
export function isTenant(tenant: string): boolean {
  return TENANT_ONLY.test(tenant);
}

/**
 * The full name of an entity, used as workflow id, stream name and Kafka key:
 * `account-default.alice`.
 */
export function streamName(category: string, id: string, tenant: string = DEFAULT_TENANT): string {
  return `${category}-${tenant}.${id}`;
}

/** The parts of a stream name; undefined if it is not the name of an entity's stream. */
export function parseStreamName(
  stream: string,
): { category: string; tenant: string; id: string } | undefined {
  const dash = stream.indexOf('-');
  const dot = stream.indexOf('.', dash);
  if (dash < 1 || dot < dash + 2) return undefined;
  const id = stream.slice(dot + 1);
  return isEntityId(id)
    ? { category: stream.slice(0, dash), tenant: stream.slice(dash + 1, dot), id }
    : undefined;
}

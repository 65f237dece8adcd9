/** The tenant until tenants exist. It stands in every stream name from the first day: names of streams are for ever. */
export const DEFAULT_TENANT = 'default';

const ANY = '[A-Za-z0-9._~@:-]';
const NO_DOT = '[A-Za-z0-9_~@:-]';

/** 1 to 200 of `A–Z a–z 0–9 . _ ~ @ : -`, but not `.` or `..`; without look-around, which generators cannot read. */
export const ENTITY_ID = `(?:${NO_DOT}${ANY}{0,199}|\\.${NO_DOT}${ANY}{0,198}|\\.{2}${NO_DOT}${ANY}{0,197}|\\.{3}${ANY}{0,197})`;

/** The name of an entity's stream, as clients may send it. */
export const STREAM_NAME = `[A-Za-z0-9_]{1,50}-[A-Za-z0-9_]{1,48}\\.${ENTITY_ID}`;

const ID = new RegExp(`^${ENTITY_ID}$`);

/** Whether a text may be the id of an entity: `A–Z a–z 0–9 . _ ~ @ : -`, 1 to 200 characters, not `.` or `..`. */
export function isEntityId(id: string): boolean {
  return ID.test(id);
}

/** The one name of an entity: workflow id = stream name = Kafka key, `account-default.alice`. */
export function streamName(category: string, id: string, tenant: string = DEFAULT_TENANT): string {
  return `${category}-${tenant}.${id}`;
}

/** The parts of a stream name, or undefined when it is not one of ours. */
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

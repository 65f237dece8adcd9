import { askEach } from '../cli/ask-each.js';
import { type OperationsClient, SERVICES, type ServiceName } from '../cli/operations-client.js';
import { OperatorError } from '../cli/operator.errors.js';

/** A view as its service tells of it. */
export interface View {
  readonly service: ServiceName;
  readonly view: string;
  readonly state: string;
  readonly lag: number;
  readonly parkedEntities: number;
}

/** The views of all services that answer. */
export async function allViews(client: OperationsClient): Promise<readonly View[]> {
  return (await askEach((service) => viewsOf(client, service))).flat();
}

/**
 * The view of this key, `account.accounts.v1`, of the first service that has it, whatever becomes of the others. Throws
 * {@link OperatorError} when none that answers has it.
 */
export async function viewCalled(client: OperationsClient, key: string): Promise<View> {
  const found = new AbortController();
  const each = SERVICES.map(async (service) => {
    const view = (await viewsOf(client, service, found.signal)).find(({ view }) => view === key);
    return view ?? Promise.reject(new NoSuchViewError());
  });
  try {
    return await Promise.any(each);
  } catch (error) {
    throw notFound(key, (error as AggregateError).errors as readonly Error[]);
  } finally {
    found.abort();
  }
}

/** Said by a service that has other views. */
class NoSuchViewError extends Error {}

function notFound(key: string, errors: readonly Error[]): Error {
  const failures = errors.filter((error) => !(error instanceof NoSuchViewError));
  const defect = failures.find((error) => !(error instanceof OperatorError));
  if (defect) return defect;
  const whys = [...new Set(failures.map(({ message }) => message))];
  // Nobody to ask: what the key is does not matter.
  if (failures.length === SERVICES.length) return new OperatorError(whys.join('\n'));
  const unsure = whys.length > 0 ? ` (not every service answers: ${whys.join(', ')})` : '';
  return new OperatorError(`there is no view ${key}: "views list" shows all${unsure}`);
}

interface ViewList {
  readonly data: readonly Omit<View, 'service'>[];
}

async function viewsOf(
  client: OperationsClient,
  service: ServiceName,
  signal?: AbortSignal,
): Promise<readonly View[]> {
  const { data } = await client.get<ViewList>(service, 'views', signal && { signal });
  return data.map((view) => ({ ...view, service }));
}

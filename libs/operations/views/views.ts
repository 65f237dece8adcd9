import { SERVICE_NAMES, type ServiceName } from '#contracts/services.js';
import { askEach } from '../cli/ask-each.js';
import type { OperationsClient } from '../cli/operations-client.js';
import { OperatorError } from '../cli/operator.errors.js';

/** A view as its service describes it. */
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
 * The view with this key, `account.accounts.v1`, from the first service that has it; the others
 * need not answer. Throws {@link OperatorError} if no service that answers has it.
 */
export async function viewCalled(client: OperationsClient, key: string): Promise<View> {
  const found = new AbortController();
  const each = SERVICE_NAMES.map(async (service) => {
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

/** The service answers, but does not have this view. */
class NoSuchViewError extends Error {}

function notFound(key: string, errors: readonly Error[]): Error {
  const failures = errors.filter((error) => !(error instanceof NoSuchViewError));
  const defect = failures.find((error) => !(error instanceof OperatorError));
  if (defect) return defect;
  const whys = [...new Set(failures.map(({ message }) => message))];
  // No service answers, so the key does not matter.
  if (failures.length === SERVICE_NAMES.length) return new OperatorError(whys.join('\n'));
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

import { type OperationsClient, SERVICES, type ServiceName } from '../operations-client.js';
import { OperatorError } from '../operator.errors.js';

/** A view as its service tells of it. */
export interface View {
  readonly service: ServiceName;
  readonly view: string;
  readonly state: string;
  readonly lag: number;
  readonly parkedEntities: number;
}

/** The views of all services. */
export async function allViews(client: OperationsClient): Promise<readonly View[]> {
  const each = SERVICES.map(async (service) => {
    const { data } = await client.get<{ readonly data: readonly Omit<View, 'service'>[] }>(service, 'views');
    return data.map((view) => ({ ...view, service }));
  });
  return (await Promise.all(each)).flat();
}

/** The view of this key, `account.accounts.v1`. Throws {@link OperatorError} when there is none. */
export async function viewCalled(client: OperationsClient, key: string): Promise<View> {
  const found = (await allViews(client)).find(({ view }) => view === key);
  if (!found) throw new OperatorError(`there is no view ${key}: "views list" shows all`);
  return found;
}

import { useQuery } from '@tanstack/react-query';
import { SERVICES, type ServiceName } from '#contracts/services.js';
import { PerdureProblem } from '#libs/client/perdure-problem.js';
import type { CatalogOperation } from '../../../server/catalog.types.js';
import { mayUse, useConsole } from './catalog.js';
import { perdure } from './client.js';
import { useSession } from './session.js';

type Query = Readonly<Record<string, string | number | undefined>>;

/** How often a panel of operators asks again. */
const MILLISECONDS = 5_000;

/** Reads an address again and again, until it is refused. Without an address, nothing is read. */
export function usePolled<Body>(path: string | undefined, query: Query = {}, milliseconds = MILLISECONDS) {
  return useQuery({
    queryKey: ['operations', path, query],
    enabled: path !== undefined,
    queryFn: ({ signal }) => perdure.get<Body>(String(path), { query, signal }),
    refetchInterval: ({ state: { error } }) => (isRefusal(error) ? false : milliseconds),
  });
}

function isRefusal(error: unknown): boolean {
  return error instanceof PerdureProblem && [401, 403, 404, 409].includes(error.status);
}

/** Where the operators' routes of a service are. */
export function operationsOf(service: ServiceName): string {
  return `/v1/operations/${service}`;
}

/** The service of a view, by the category in its key. */
export function serviceOfView(view: string): ServiceName | undefined {
  const [category = ''] = view.split('.');
  return SERVICES.find(({ collections }) => category in collections)?.name;
}

/** Tells whether the user may post to a path of the OpenAPI document, as far as roles say. */
export function useMay(): (path: string) => boolean {
  const session = useSession();
  const { data } = useConsole();
  return (path) => {
    const isAsked = (one: CatalogOperation): boolean => one.method === 'post' && one.path === path;
    const operation = data?.operations.find(isAsked);
    return operation !== undefined && mayUse(operation.allow, session);
  };
}

import { useQuery } from '@tanstack/react-query';
import type { Need, Overview } from '#contracts/overview.js';
import { type Console, mayUse } from './catalog.js';
import { perdure } from './client.js';
import type { Session } from './session.js';

export type { Need, Overview };

const EVERY_MILLISECONDS = 5_000;

/** Whether the services can tell, and the user may ask. */
export function hasOverview(known: Console | undefined, session: Session): boolean {
  const operation = known?.operations.find(({ path }) => path === '/v1/overview');
  return operation !== undefined && mayUse(operation.allow, session);
}

/** How everything is, asked every five seconds. */
export function useOverview(isAsked: boolean) {
  return useQuery({
    queryKey: ['overview'],
    enabled: isAsked,
    queryFn: ({ signal }) => perdure.get<Overview>('/v1/overview', { signal }),
    refetchInterval: EVERY_MILLISECONDS,
  });
}

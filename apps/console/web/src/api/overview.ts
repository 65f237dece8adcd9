import { useQuery } from '@tanstack/react-query';
import { type Console, mayUse } from './catalog.js';
import { perdure } from './client.js';
import type { Session } from './session.js';

/** Something that needs a person. */
export interface Need {
  readonly kind: string;
  readonly severity: 'now' | 'soon' | 'watch';
  /** A sentence. */
  readonly title: string;
  readonly detail?: string;
  readonly since?: string;
  readonly service: string;
  readonly subject?: { readonly category: string; readonly id: string };
  /** The page on which it is mended. */
  readonly link: string;
}

/** How everything is. */
export interface Overview {
  readonly at: string;
  readonly needs: readonly Need[];
  readonly rates?: Readonly<Record<string, unknown>>;
  readonly latencies?: Readonly<Record<string, unknown>>;
  readonly services?: readonly {
    readonly name: string;
    readonly version?: string;
    readonly isReady: boolean;
    readonly startedAt?: string;
  }[];
  readonly missing?: readonly { readonly source: string; readonly reason: string }[];
}

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

import { QueryClient } from '@tanstack/react-query';
import { Problem } from './http.js';
import { onSession } from './session.js';

const isAway = (error: unknown): boolean => error instanceof Problem && error.isAway;

/** What the pages have read. Only what is away is asked for again; a refusal stays one. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      retry: (count, error) => isAway(error) && count < 2,
      retryDelay: (count) => 500 * 2 ** count,
      // A panel shows by itself again what was away.
      refetchInterval: ({ state: { error } }) => (isAway(error) ? 5_000 : false),
    },
  },
});

let user: string | undefined;

// Another user may not see what the one before has read. The first requests wait for the first one.
onSession(({ name = '' }) => {
  if (user !== undefined && user !== name) void queryClient.resetQueries();
  user = name;
});

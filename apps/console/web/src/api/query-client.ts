import { QueryClient } from '@tanstack/react-query';
import { isAway } from './client.js';
import { onSession } from './session.js';

/** The answers that the pages have read. Unavailable services are retried, refusals are not. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      retry: false,
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

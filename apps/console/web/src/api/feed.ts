import { useEffect, useEffectEvent, useState } from 'react';
import { PerdureProblem } from '#libs/client/perdure-problem.js';
import type { Category } from './catalog.js';
import { perdure } from './client.js';
import type { EntityEvent } from './entity.js';

/** Whether the feed keeps the page current. */
export type FeedState = 'connecting' | 'live' | 'away' | 'forbidden';

/**
 * Listens to the events of an entity after a revision, as long as the page is shown. Without a
 * revision there is no such entity yet.
 */
export function useFeed(
  { name }: Category,
  id: string,
  revision: number | undefined,
  onEvent: (event: EntityEvent) => void,
): FeedState | undefined {
  const [state, setState] = useState<FeedState>('connecting');
  const listener = useEffectEvent(onEvent);
  const start = useEffectEvent(() => String(revision));
  const isThere = revision !== undefined;
  useEffect(() => {
    if (!isThere) return undefined;
    const stop = new AbortController();
    const follow = async (): Promise<void> => {
      setState('connecting');
      const onConnection = (isLive: boolean): void => setState(isLive ? 'live' : 'away');
      const feed = perdure
        .entity(name as 'account', id)
        .feed({ after: start(), signal: stop.signal, onConnection });
      for await (const { event } of feed) listener(event as EntityEvent);
    };
    follow().catch((error: unknown) => {
      if (!stop.signal.aborted) setState(error instanceof PerdureProblem ? 'forbidden' : 'away');
    });
    return () => stop.abort();
  }, [name, id, isThere]);
  return isThere ? state : undefined;
}

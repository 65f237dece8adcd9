import { useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import type { Category } from '../api/catalog.js';
import { addressOf, type EntityEvent, EVENTS_PER_PAGE } from '../api/entity.js';
import { type FeedState, useFeed } from '../api/feed.js';

/** Many events in a row are one reason to read again. */
const PAUSE_MILLISECONDS = 150;

/**
 * Keeps what is shown of an entity current, by its feed. Undefined while there is no such entity.
 */
export function useLiveEntity(
  category: Category,
  id: string,
  revision: number | undefined,
): FeedState | undefined {
  const client = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const isThere = revision !== undefined;
  const path = isThere ? `${addressOf(category, id)}/events` : undefined;
  const state = useFeed(path, String(revision ?? ''), ({ data }) => {
    const { revision: latest } = data as EntityEvent;
    void client.invalidateQueries({
      queryKey: ['events', category.name, id, Math.floor(latest / EVENTS_PER_PAGE)],
    });
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      void client.invalidateQueries({ queryKey: ['entity', category.name, id] });
      void client.invalidateQueries({ queryKey: ['timeline', category.name, id] });
    }, PAUSE_MILLISECONDS);
  });
  return isThere ? state : undefined;
}

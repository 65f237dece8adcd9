import { useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import type { Category } from '../api/catalog.js';
import { EVENTS_PER_PAGE } from '../api/entity.js';
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
  const { name } = category;
  return useFeed(category, id, revision, ({ revision: latest }) => {
    const page = Math.floor(latest / EVENTS_PER_PAGE);
    void client.invalidateQueries({ queryKey: ['events', name, id, page] });
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      void client.invalidateQueries({ queryKey: ['entity', name, id] });
      void client.invalidateQueries({ queryKey: ['timeline', name, id] });
    }, PAUSE_MILLISECONDS);
  });
}

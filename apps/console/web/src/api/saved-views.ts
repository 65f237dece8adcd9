import { useSyncExternalStore } from 'react';

/** A list with its filters, under a name that somebody gave it: an address of the console. */
export interface SavedView {
  readonly name: string;
  /** Such as `/entities/transfer?status=running`. */
  readonly to: string;
}

const KEY = 'views';

let views = read();
const listeners = new Set<() => void>();

function read(): readonly SavedView[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(stored) ? stored.filter(isView) : [];
  } catch {
    return [];
  }
}

function isView(value: unknown): value is SavedView {
  const { name, to } = (value ?? {}) as Partial<SavedView>;
  return typeof name === 'string' && typeof to === 'string' && /^\/(?:entities|lists)\//.test(to);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function change(next: readonly SavedView[]): void {
  views = next;
  localStorage.setItem(KEY, JSON.stringify(next));
  for (const listener of listeners) listener();
}

// Another tab of the same browser may have changed them.
addEventListener('storage', ({ key }) => {
  if (key !== KEY) return;
  views = read();
  for (const listener of listeners) listener();
});

/** The views that are kept in this browser, by name. */
export function useSavedViews(): readonly SavedView[] {
  return useSyncExternalStore(subscribe, () => views);
}

/** Keeps a view. Another one of that name is replaced. */
export function saveView(view: SavedView): void {
  const others = views.filter(({ name }) => name !== view.name);
  change([...others, view].sort((one, other) => one.name.localeCompare(other.name)));
}

/** Forgets a view. */
export function forgetView(name: string): void {
  change(views.filter((view) => view.name !== name));
}

/** The address of a list with filters, whichever of its pages is shown. */
export function viewOf(path: string, filters: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(filters);
  query.delete('cursor');
  return query.size === 0 ? path : `${path}?${query}`;
}

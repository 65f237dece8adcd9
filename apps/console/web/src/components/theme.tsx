import { useSyncExternalStore } from 'react';

const CHOICES = ['system', 'light', 'dark'] as const;
type Theme = (typeof CHOICES)[number];

const listeners = new Set<() => void>();

function chosen(): Theme {
  const theme = localStorage.getItem('theme');
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

/** Light, dark, or what the system prefers. Kept for the next visit. */
export function chooseTheme(theme: Theme): void {
  if (theme === 'system') {
    localStorage.removeItem('theme');
    delete document.documentElement.dataset['theme'];
  } else {
    localStorage.setItem('theme', theme);
    document.documentElement.dataset['theme'] = theme;
  }
  for (const listener of listeners) listener();
}

/** The theme after the one that is chosen. */
function nextTheme(): Theme {
  return CHOICES[(CHOICES.indexOf(chosen()) + 1) % CHOICES.length] ?? 'system';
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Shows the theme, and changes it. */
export function ThemeButton() {
  const theme = useSyncExternalStore(subscribe, chosen);
  return (
    <button type="button" className="quiet-button" onClick={() => chooseTheme(nextTheme())}>
      Theme: {theme}
    </button>
  );
}

import { Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useConsole } from '../api/catalog.js';
import { useSession } from '../api/session.js';
import { sectionsOf } from '../navigation.js';
import { To } from './link.js';
import { Palette } from './palette.js';
import { ThemeButton } from './theme.js';
import { UserChooser } from './user-chooser.js';

/** What is around every page: the navigation, the search, the user. */
export function Shell() {
  const [isOpen, setOpen] = useState(false);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  usePaletteKeys(() => setOpen(true));
  const [menuAt, setMenuAt] = useState('');
  // Going anywhere closes the menu.
  const isNavigating = menuAt === path;
  return (
    <div className="shell" data-navigating={isNavigating}>
      <a className="skip" href="#page">
        Skip to the page
      </a>
      <header className="top">
        <button
          type="button"
          className="menu quiet-button"
          aria-expanded={isNavigating}
          aria-controls="navigation"
          onClick={() => setMenuAt(isNavigating ? '' : path)}
        >
          Menu
        </button>
        <To to="/" className="brand">
          Perdure
        </To>
        <button
          type="button"
          className="search"
          onClick={() => setOpen(true)}
          aria-keyshortcuts="/ Control+K"
        >
          <span>Search or go to</span> <kbd>/</kbd>
        </button>
        <ThemeButton />
        <UserChooser />
      </header>
      <Navigation />
      <main id="page" tabIndex={-1}>
        <Outlet />
      </main>
      {isOpen && <Palette onClose={() => setOpen(false)} />}
    </div>
  );
}

function Navigation() {
  const { data } = useConsole();
  const session = useSession();
  return (
    <nav id="navigation" aria-label="Pages">
      {sectionsOf(data, session).map(({ title, pages }) => (
        <section key={title}>
          <h2>{title}</h2>
          <ul>
            {pages.map(({ title: name, to, isOutside }) => (
              <li key={to}>{isOutside ? <a href={to}>{name}</a> : <To to={to}>{name}</To>}</li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}

/** `/` and Ctrl-K open the palette, unless somebody is writing a slash. */
function usePaletteKeys(open: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const isWriting = event.target instanceof Element && event.target.matches('input, textarea, select');
      const isCommand = (event.ctrlKey || event.metaKey) && event.key === 'k';
      const isSlash = event.key === '/' && !isWriting && !event.ctrlKey && !event.metaKey && !event.altKey;
      if (!isCommand && !isSlash) return;
      event.preventDefault();
      open();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
}

import { useLocation } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { forgetView, saveView, useSavedViews, viewOf } from '../api/saved-views.js';
import { To } from './link.js';

/** The views of this list that somebody has named in this browser, and a field to name this one. */
export function SavedViews({ given }: { readonly given: Readonly<Record<string, string>> }) {
  const path = useLocation({ select: ({ pathname }) => pathname });
  const views = useSavedViews().filter(({ to }) => to === path || to.startsWith(`${path}?`));
  const here = viewOf(path, given);
  const isNew = here !== path && !views.some(({ to }) => to === here);
  if (views.length === 0 && !isNew) return null;
  return (
    <div className="saved-views">
      {views.length > 0 && (
        <ul aria-label="Saved views">
          {views.map(({ name, to }) => (
            <li key={name}>
              <To to={to} {...(to === here && { className: 'current' })}>
                {name}
              </To>
              <button
                type="button"
                className="quiet-button"
                aria-label={`Forget ${name}`}
                onClick={() => forgetView(name)}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
      {isNew && <Naming key={here} to={here} />}
    </div>
  );
}

function Naming({ to }: { readonly to: string }) {
  const [name, setName] = useState('');
  const save = (event: FormEvent): void => {
    event.preventDefault();
    saveView({ name: name.trim(), to });
  };
  return (
    <form onSubmit={save}>
      <label>
        <span className="visually-hidden">Name of this view</span>
        <input
          placeholder="Name this view"
          required
          pattern=".*\S.*"
          maxLength={60}
          autoComplete="off"
          value={name}
          onChange={({ target }) => setName(target.value)}
        />
      </label>
      <button type="submit">Save view</button>
    </form>
  );
}

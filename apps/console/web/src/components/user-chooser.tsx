import { type FormEvent, useState } from 'react';
import { chooseUser, pasteToken, signOut, useSession } from '../api/session.js';

/** Who sends the requests: a local user, or the holder of a pasted token. */
export function UserChooser() {
  const { users, name = '', state } = useSession();
  if (state === 'starting') return <span className="quiet">signing in …</span>;
  if (users.length === 0) return state === 'signed-in' ? <Holder name={name} /> : <PasteToken />;
  return (
    <label className="user">
      <span className="visually-hidden">Act as</span>
      <select value={name} onChange={(event) => void chooseUser(event.target.value)}>
        {name === '' && <option value="">nobody</option>}
        {users.map((user) => (
          <option key={user.name} value={user.name}>
            {user.name}: {user.about}
          </option>
        ))}
      </select>
    </label>
  );
}

function Holder({ name }: { readonly name: string }) {
  return (
    <span className="user">
      {name}{' '}
      <button type="button" className="quiet-button" onClick={signOut}>
        Sign out
      </button>
    </span>
  );
}

function PasteToken() {
  const [text, setText] = useState('');
  const [isRefused, setRefused] = useState(false);
  const use = (event: FormEvent): void => {
    event.preventDefault();
    setRefused(!pasteToken(text.trim()));
  };
  return (
    <form className="user" onSubmit={use}>
      <label>
        <span className="visually-hidden">Access token</span>
        <input
          type="password"
          autoComplete="off"
          placeholder="Paste an access token"
          value={text}
          onChange={(event) => setText(event.target.value)}
          aria-invalid={isRefused}
        />
      </label>
      <button type="submit">Sign in</button>
      {isRefused && <span role="alert">This is no token.</span>}
    </form>
  );
}

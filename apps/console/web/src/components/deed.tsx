import { useQueryClient } from '@tanstack/react-query';
import { createContext, type FormEvent, type ReactNode, use, useId, useRef, useState } from 'react';
import { PerdureProblem } from '#libs/client/perdure-problem.js';
import { isAway } from '../api/client.js';
import { Dialog } from './dialog.js';
import { Failure, Notice } from './states.js';
import { Fields } from './value.js';

/** What is known of a deed once it is confirmed. */
export interface Given {
  readonly reason?: string;
  /** The text of its field, if it has one. */
  readonly text: string;
  readonly isChosen: boolean;
  /** An `Idempotency-Key`: the same if the same is sent again after no answer. */
  readonly key: string;
}

/** Something that is done to what runs, once it is confirmed in a dialog. */
export interface Deed {
  /** The verb of the button: `Drain`. */
  readonly verb: string;
  /** What it is done to. */
  readonly name: string;
  /** What it does, in a sentence. */
  readonly about: ReactNode;
  /** The name has to be typed. */
  readonly isDangerous?: boolean;
  /** Whether the API takes a reason, or insists on one. */
  readonly reason?: 'required' | 'optional';
  readonly field?: {
    readonly label: string;
    readonly start: string;
    readonly isLong?: boolean;
    readonly isOptional?: boolean;
  };
  readonly choice?: string;
  readonly act: (given: Given) => Promise<object | void>;
}

const Opening = createContext<(deed: Deed) => void>(() => undefined);

/**
 * Holds the dialog of the buttons in it. What a deed changes may take away its button, and what came
 * of it is shown all the same.
 */
export function Deeds({ children }: { readonly children: ReactNode }) {
  const [deed, setDeed] = useState<Deed>();
  return (
    <Opening value={setDeed}>
      {children}
      {deed && <DeedDialog deed={deed} onClose={() => setDeed(undefined)} />}
    </Opening>
  );
}

interface DeedButtonProps {
  readonly deed: Deed;
  /** What it is done to, as the button says to those who cannot see where it stands. */
  readonly of?: string;
}

/** A button that opens the dialog of a deed. */
export function DeedButton({ deed, of = deed.name }: DeedButtonProps) {
  const open = use(Opening);
  return (
    <button
      type="button"
      className="small-button"
      aria-label={`${deed.verb} ${of}`}
      onClick={() => open(deed)}
    >
      {deed.verb}
    </button>
  );
}

/** Asks for what a deed needs, does it, and says what came of it. */
export function DeedDialog({ deed, onClose }: { readonly deed: Deed; readonly onClose: () => void }) {
  const { verb, name, about } = deed;
  const { result, error, isBusy, submit } = useDeed(deed);
  return (
    <Dialog label={`${verb} ${name}`} onClose={onClose}>
      {result ? (
        <div className="command">
          <Notice tone="empty" title={`${verb}: done`}>
            <Fields of={result as Readonly<Record<string, unknown>>} />
          </Notice>
          <div className="buttons">
            <button type="button" className="main-button" autoFocus onClick={onClose}>
              Close
            </button>
          </div>
        </div>
      ) : (
        <form className="command" onSubmit={submit}>
          <h2>
            {verb} <span className="text-break">{name}</span>
          </h2>
          <p>{about}</p>
          <DeedFields deed={deed} />
          {error && <Failure error={error} />}
          <div className="buttons">
            <button type="submit" className="main-button" disabled={isBusy}>
              {verb}
            </button>
            <button type="button" onClick={onClose}>
              Leave it
            </button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

function DeedFields({ deed: { name, isDangerous, reason, field, choice } }: { readonly deed: Deed }) {
  return (
    <>
      {field && <TextField {...field} />}
      {reason && (
        <Labelled label={reason === 'required' ? 'Reason' : 'Reason, optional'}>
          {(id) => (
            <input
              id={id}
              name="reason"
              required={reason === 'required'}
              maxLength={500}
              autoComplete="off"
            />
          )}
        </Labelled>
      )}
      {choice && (
        <label>
          <input type="checkbox" name="choice" /> {choice}
        </label>
      )}
      {isDangerous && (
        <Labelled label={`Type ${name} to confirm`}>
          {(id) => (
            <input
              id={id}
              name="name"
              required
              pattern={literal(name)}
              title={name}
              autoComplete="off"
              spellCheck={false}
            />
          )}
        </Labelled>
      )}
    </>
  );
}

function TextField({ label, start, isLong, isOptional }: NonNullable<Deed['field']>) {
  return (
    <Labelled label={label}>
      {(id) =>
        isLong ? (
          <textarea id={id} name="text" rows={10} required spellCheck={false} defaultValue={start} />
        ) : (
          <input id={id} name="text" required={isOptional !== true} autoComplete="off" defaultValue={start} />
        )
      }
    </Labelled>
  );
}

interface LabelledProps {
  readonly label: string;
  readonly children: (id: string) => ReactNode;
}

function Labelled({ label, children }: LabelledProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id} className="text-break">
        {label}
      </label>
      {children(id)}
    </div>
  );
}

/** A pattern that only this text matches. */
function literal(text: string): string {
  return text.replaceAll(/[$()*+./?[\\\]^{|}]/g, String.raw`\$&`);
}

function useDeed({ act }: Deed) {
  const client = useQueryClient();
  const [result, setResult] = useState<object>();
  const [error, setError] = useState<Error>();
  const [isBusy, setBusy] = useState(false);
  const sent = useRef({ text: '', key: '' });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const given = givenIn(new FormData(event.currentTarget));
    const text = JSON.stringify(given);
    const isRepeat = sent.current.text === text && isAway(error);
    if (!isRepeat) sent.current = { text, key: crypto.randomUUID() };
    setBusy(true);
    setError(undefined);
    act({ ...given, key: sent.current.key })
      .then(
        (answer) => setResult(answer ?? {}),
        (failure: unknown) => setError(asError(failure)),
      )
      .finally(() => {
        setBusy(false);
        void client.invalidateQueries();
      });
  };
  return { result, error, isBusy, submit };
}

function givenIn(form: FormData): Omit<Given, 'key'> {
  const textOf = (name: string): string => {
    const value = form.get(name);
    return typeof value === 'string' ? value.trim() : '';
  };
  const reason = textOf('reason');
  return { ...(reason !== '' && { reason }), text: textOf('text'), isChosen: form.has('choice') };
}

function asError(failure: unknown): Error {
  if (failure instanceof SyntaxError) {
    return new PerdureProblem(422, { code: 'JSON', title: 'This is not JSON', detail: failure.message });
  }
  return failure instanceof Error ? failure : new Error(String(failure));
}

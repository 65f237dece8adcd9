import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { Dialog } from './dialog.js';
import { type Choice, useChoices } from './palette-choices.js';

/** Goes anywhere and does anything by name: pages, entities by id, verbs of the page. */
export function Palette({ onClose }: { readonly onClose: () => void }) {
  const [text, setText] = useState('');
  const [index, setIndex] = useState(0);
  const choices = useChoices(text);
  const take = useTake(onClose);
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setIndex((index + step + choices.length) % Math.max(1, choices.length));
    }
    const chosen = choices[index];
    if (event.key === 'Enter' && chosen) {
      event.preventDefault();
      take(chosen);
    }
  };
  return (
    <Dialog label="Search or go to" className="palette" onClose={onClose}>
      <input
        type="search"
        role="combobox"
        aria-expanded
        aria-controls="choices"
        aria-activedescendant={`choice-${index}`}
        aria-label="Search or go to"
        placeholder="A page, an id, a verb"
        autoComplete="off"
        spellCheck={false}
        value={text}
        onKeyDown={onKey}
        onChange={(event) => {
          setText(event.target.value);
          setIndex(0);
        }}
      />
      <Choices choices={choices} index={index} onTake={take} onPoint={setIndex} />
      {choices.length === 0 && (
        <p className="quiet" role="status">
          Nothing has this name.
        </p>
      )}
    </Dialog>
  );
}

function useTake(onClose: () => void): (choice: Choice) => void {
  const navigate = useNavigate();
  return ({ to, isOutside, act }) => {
    onClose();
    if (act) act();
    else if (to !== undefined && isOutside) globalThis.location.assign(to);
    else if (to !== undefined) void navigate({ href: to });
  };
}

interface ChoicesProps {
  readonly choices: readonly Choice[];
  readonly index: number;
  readonly onTake: (choice: Choice) => void;
  readonly onPoint: (index: number) => void;
}

function Choices({ choices, index, onTake, onPoint }: ChoicesProps) {
  const chosen = useRef<HTMLLIElement>(null);
  useEffect(() => {
    chosen.current?.scrollIntoView({ block: 'nearest' });
  });
  return (
    <ul id="choices" role="listbox" aria-label="Found">
      {choices.map((choice, at) => (
        <li
          key={choice.key}
          ref={at === index ? chosen : undefined}
          id={`choice-${at}`}
          role="option"
          aria-selected={at === index}
          onClick={() => onTake(choice)}
          onMouseMove={() => onPoint(at)}
        >
          <span>{choice.title}</span>
          <span className="quiet">{choice.detail}</span>
        </li>
      ))}
    </ul>
  );
}

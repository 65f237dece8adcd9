import { useState } from 'react';

const SHOWN_MILLISECONDS = 1_500;

/** Copies a text, and says so. */
export function CopyButton({ text, label }: { readonly text: () => string; readonly label: string }) {
  const [said, setSaid] = useState('');
  const copy = async (): Promise<void> => {
    const isCopied = await navigator.clipboard.writeText(text()).then(
      () => true,
      () => false,
    );
    setSaid(isCopied ? 'Copied' : 'Not allowed');
    setTimeout(() => setSaid(''), SHOWN_MILLISECONDS);
  };
  return (
    <button type="button" className="quiet-button" onClick={() => void copy()}>
      <span aria-live="polite">{said || label}</span>
    </button>
  );
}

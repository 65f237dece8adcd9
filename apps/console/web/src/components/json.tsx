import { CopyButton } from './copy-button.js';

/** A value as JSON, which can be copied. */
export function Json({ value, label = 'JSON' }: { readonly value: unknown; readonly label?: string }) {
  const text = JSON.stringify(value, undefined, 2);
  return (
    <div className="json">
      <CopyButton text={() => text} label="Copy" />
      <pre tabIndex={0} role="region" aria-label={`${label} as JSON`}>
        {text}
      </pre>
    </div>
  );
}

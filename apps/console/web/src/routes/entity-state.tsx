import { useState } from 'react';
import { Json } from '../components/json.js';
import { Panel } from '../components/panel.js';
import { Fields } from '../components/value.js';
import type { EntityView } from './entity.js';

/** The state in words, or as JSON. */
export function EntityStatePanel({ query, currency }: EntityView) {
  const [isJson, setJson] = useState(false);
  return (
    <Panel
      title="State"
      query={query}
      lines={14}
      actions={
        <button type="button" className="quiet-button" aria-pressed={isJson} onClick={() => setJson(!isJson)}>
          JSON
        </button>
      }
    >
      {(state) => (isJson ? <Json value={state} label="State" /> : <Fields of={state} currency={currency} />)}
    </Panel>
  );
}

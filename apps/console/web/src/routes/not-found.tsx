import { To } from '../components/link.js';
import { Notice } from '../components/states.js';

/** There is no page at this address. */
export function NotFound() {
  return (
    <div className="page">
      <h1>No such page</h1>
      <Notice tone="empty" title="There is nothing at this address">
        <p>
          Search with <kbd>/</kbd>, or go <To to="/">home</To>.
        </p>
      </Notice>
    </div>
  );
}

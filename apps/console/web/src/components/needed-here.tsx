import { useLocation } from '@tanstack/react-router';
import { useConsole } from '../api/catalog.js';
import { hasOverview, type Need, useOverview } from '../api/overview.js';
import { useSession } from '../api/session.js';

/** What to do about each kind, in words that name the verbs of its page. */
const ADVICE: Readonly<Record<Need['kind'], string>> = {
  'stuck-saga':
    'Look at what its step waits for. Retry it once the cause is mended, or settle it by hand and resolve it.',
  'approval-due': 'Decide it before its deadline: approve, reject or delegate it. Otherwise it expires.',
  'parked-entity':
    'Mend the cause and retry. What can never be folded is skipped, or patched, in this view only.',
  drift: 'Examine it. What differs from its stream can be healed from it here; a broken stream cannot.',
  'relay-standing':
    'Resume its worker if it is paused. Otherwise mend what its failure names, or start a process with the role relay.',
  'view-lag': 'See that a process with the role projector runs, and what it logs. Nothing is lost meanwhile.',
  'server-away':
    'Start it again, or see in its log why it does not answer. What was accepted waits, and nothing is lost.',
  'worker-restarts':
    'See why in its failure. It runs again by itself, unless it has failed; acknowledge what you have seen.',
  'lost-flow':
    'Restart it: its steps keep their keys, so nothing is done twice. Or cancel it: nothing is undone then.',
  'unclaimed-callback': 'Redeliver it once somebody waits for it, or discard it if nobody ever will.',
  'hot-entity':
    'Find out who sends so much, and slow it down. What was accepted is decided in order; see also that its worker runs.',
};

/** What needs a person on this page, with what to do about it. It goes once it is done. */
export function NeededHere() {
  const { data: known } = useConsole();
  const { data } = useOverview(hasOverview(known, useSession()));
  const { pathname, searchStr } = useLocation();
  const here = (data?.needs ?? []).filter(({ link }) => isAt(link, pathname, searchStr));
  if (here.length === 0) return null;
  return (
    <ul className="needs" aria-label="Needs a person here">
      {here.map(({ kind, severity, title, detail }) => (
        <li key={`${kind} ${title}`} data-severity={severity}>
          <strong>{title}</strong>
          {detail !== undefined && <span className="quiet">{detail}</span>}
          <span className="need-advice">{ADVICE[kind]}</span>
        </li>
      ))}
    </ul>
  );
}

/** Whether a link leads to this page; the page may have further parameters. */
function isAt(link: string, pathname: string, search: string): boolean {
  const [path = '', query] = link.split('?', 2);
  const own = new URLSearchParams(search);
  const isSame = decodeURIComponent(path) === decodeURIComponent(pathname);
  return isSame && [...new URLSearchParams(query)].every(([name, value]) => own.get(name) === value);
}

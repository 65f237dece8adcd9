import type { Problem } from '../api/http.js';
import { Json } from './json.js';
import { Changes } from './changes.js';
import { Failure, Notice } from './states.js';
import type { Change } from '../api/history.js';

/** What the answer to a command or to its dry run says. */
export interface OutcomeBody {
  readonly outcome?: string;
  readonly revision?: number;
  readonly commandId?: string;
  readonly code?: string;
  readonly detail?: string;
  readonly events?: readonly (string | { readonly type: string; readonly data: unknown })[];
  readonly changes?: readonly Change[];
}

/** What came of a command or of its dry run. */
export interface Outcome {
  readonly isDryRun: boolean;
  readonly problem?: Problem;
  readonly status?: number;
  readonly body?: OutcomeBody;
}

interface CommandOutcomeProps {
  readonly outcome: Outcome | undefined;
  readonly isSending: boolean;
}

/** Says what came of a command, in words. */
export function CommandOutcome({ outcome, isSending }: CommandOutcomeProps) {
  return (
    <div className="outcome" aria-live="polite" aria-busy={isSending}>
      {outcome?.problem && <Failure error={outcome.problem} />}
      {outcome?.body && (outcome.isDryRun ? <DryRun outcome={outcome} /> : <Sent outcome={outcome} />)}
    </div>
  );
}

function Sent({ outcome: { status, body = {} } }: { readonly outcome: Outcome }) {
  if (status === 202) {
    return (
      <Notice tone="stale" title="Accepted, and not decided yet">
        <p>Command {body.commandId}. The page shows its events once they are there.</p>
      </Notice>
    );
  }
  return (
    <Notice tone="empty" title={`Done: revision ${body.revision}`}>
      <p>{namesOf(body.events) || 'It changed nothing.'}</p>
      <p className="quiet">Command {body.commandId}</p>
    </Notice>
  );
}

function DryRun({ outcome: { body = {} } }: { readonly outcome: Outcome }) {
  if (body.outcome === 'rejected') {
    return (
      <Notice tone="failed" title="It would be rejected">
        <p>{body.detail}</p>
        <p className="quiet">
          <a href={`/docs/problems#${body.code}`}>{body.code}</a> at revision {body.revision}
        </p>
      </Notice>
    );
  }
  return (
    <Notice tone="empty" title="It would be accepted. Nothing was stored">
      <p>{namesOf(body.events) || 'It would change nothing.'}</p>
      <Changes changes={body.changes ?? []} />
      <Json value={body.events} label="Events" />
    </Notice>
  );
}

function namesOf(events: OutcomeBody['events'] = []): string {
  return events.map((event) => (typeof event === 'string' ? event : event.type)).join(', ');
}

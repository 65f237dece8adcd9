import { CLIENT_CODES } from '#libs/client/perdure-problem.js';
import type { Outcome, OutcomeBody } from '../api/send-command.js';
import { Json } from './json.js';
import { Changes } from './changes.js';
import { Failure, Notice } from './states.js';

interface CommandOutcomeProps {
  readonly outcome: Outcome | undefined;
  readonly isSending: boolean;
  /** The currency of the entity, or of the command. */
  readonly currency: string | undefined;
}

/** Says what came of a command, in words. */
export function CommandOutcome({ outcome, isSending, currency }: CommandOutcomeProps) {
  return (
    <div className="outcome" aria-live="polite" aria-busy={isSending}>
      {outcome?.problem && <Failed problem={outcome.problem} />}
      {outcome?.body &&
        (outcome.isDryRun ? <DryRun outcome={outcome} currency={currency} /> : <Sent outcome={outcome} />)}
    </div>
  );
}

/** A command that is durable, but was not decided in time, may well be accepted. */
function Failed({ problem }: { readonly problem: NonNullable<Outcome['problem']> }) {
  if (problem.code !== CLIENT_CODES.undecided) return <Failure error={problem} />;
  return (
    <Notice tone="stale" title="Accepted, and not decided yet">
      <p>The page shows its events once they are there.</p>
      <p className="quiet">Command {String(problem.members['commandId'])}</p>
    </Notice>
  );
}

function Sent({ outcome: { body = {} } }: { readonly outcome: Outcome }) {
  return (
    <Notice tone="empty" title={`Done: revision ${body.revision}`}>
      <p>{namesOf(body.events) || 'It changed nothing.'}</p>
      <p className="quiet">Command {body.commandId}</p>
    </Notice>
  );
}

type DryRunProps = Pick<CommandOutcomeProps, 'currency'> & { readonly outcome: Outcome };

function DryRun({ outcome: { body = {} }, currency }: DryRunProps) {
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
      <Changes changes={body.changes ?? []} currency={currency} />
      <Json value={body.events} label="Events" />
    </Notice>
  );
}

function namesOf(events: OutcomeBody['events'] = []): string {
  return events.map((event) => (typeof event === 'string' ? event : event.type)).join(', ');
}

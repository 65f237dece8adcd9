import { useQueries, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useRef, useState } from 'react';
import { type Approval, approvalPath, type BulkOutcome } from '../api/inbox.js';
import { perdure } from '../api/client.js';
import { Dialog } from '../components/dialog.js';
import { Rows } from '../components/rows.js';
import { Failure, Loading } from '../components/states.js';

interface BulkDialogProps {
  readonly ids: readonly string[];
  readonly onClose: () => void;
}

interface Answer {
  readonly dryRun: boolean;
  readonly data: readonly BulkOutcome[];
}

interface Decision {
  readonly verb: 'approve' | 'reject';
  readonly reason: string;
}

/** Decides many approvals, of which each content is shown, after telling what that would give. */
export function BulkDialog({ ids, onClose }: BulkDialogProps) {
  // The contents are those that were there when the dialog opened: their hashes are sent.
  const queries = useQueries({
    queries: ids.map((id) => ({
      queryKey: ['bulk', id],
      queryFn: () => perdure.get<Approval>(approvalPath(id)),
      staleTime: Infinity,
      gcTime: 0,
    })),
  });
  const approvals = queries.flatMap(({ data }) => (data ? [data] : []));
  const failed = queries.find(({ error }) => error)?.error;
  return (
    <Dialog label={`Decide ${ids.length} together`} onClose={onClose}>
      <div className="command">
        <h2>Decide {ids.length} together</h2>
        {failed && <Failure error={failed} />}
        {!failed && approvals.length < ids.length && <Loading lines={ids.length} />}
        {approvals.length === ids.length && <BulkForm approvals={approvals} onClose={onClose} />}
      </div>
    </Dialog>
  );
}

function BulkForm({ approvals, onClose }: { approvals: readonly Approval[]; onClose: () => void }) {
  const [decision, setDecision] = useState<Decision>({ verb: 'approve', reason: '' });
  const { answer, error, isBusy, send, forget } = useBulk(approvals, decision);
  const isDecided = answer?.dryRun === false;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isDecided) onClose();
    else void send(answer === undefined);
  };
  const change = (next: Decision): void => {
    setDecision(next);
    forget();
  };
  return (
    <form className="command" onSubmit={submit}>
      <ul className="items">
        {approvals.map((one) => (
          <li key={one.id}>
            <strong>{one.subject}</strong> <span className="quiet">{one.id}</span>
            <pre className="text-break">{JSON.stringify(one.content)}</pre>
          </li>
        ))}
      </ul>
      <DecisionFields decision={decision} isDisabled={isDecided} onChange={change} />
      {error && <Failure error={error} />}
      {answer && <Rows label={answer.dryRun ? 'the preview' : 'the outcomes'} rows={rowsOf(answer)} />}
      <div className="buttons">
        <button type="submit" className="main-button" disabled={isBusy}>
          {isDecided ? 'Close' : answer ? `Decide ${approvals.length}` : 'Preview'}
        </button>
        {!isDecided && (
          <button type="button" onClick={onClose}>
            Leave it
          </button>
        )}
      </div>
    </form>
  );
}

interface DecisionFieldsProps {
  readonly decision: Decision;
  readonly isDisabled: boolean;
  readonly onChange: (decision: Decision) => void;
}

function DecisionFields({ decision, isDisabled, onChange }: DecisionFieldsProps) {
  const id = useId();
  return (
    <fieldset disabled={isDisabled}>
      <legend>Decision</legend>
      <div className="verb-line">
        {(['approve', 'reject'] as const).map((verb) => (
          <label key={verb}>
            <input
              type="radio"
              name="decision"
              checked={decision.verb === verb}
              onChange={() => onChange({ ...decision, verb })}
            />{' '}
            {verb === 'approve' ? 'Approve' : 'Reject'}
          </label>
        ))}
      </div>
      <div className="field">
        <label htmlFor={id}>{decision.verb === 'reject' ? 'Reason' : 'Comment, optional'}</label>
        <input
          id={id}
          required={decision.verb === 'reject'}
          maxLength={500}
          value={decision.reason}
          onChange={(event) => onChange({ ...decision, reason: event.target.value })}
        />
      </div>
    </fieldset>
  );
}

function rowsOf({ dryRun, data }: Answer) {
  return data.map(({ id, status, code, detail }) => ({
    id,
    status: dryRun ? `would be ${status}` : status,
    code,
    detail,
  }));
}

/** First what it would give, and then the same in earnest, under one key. */
function useBulk(approvals: readonly Approval[], { verb, reason }: Decision) {
  const client = useQueryClient();
  const [answer, setAnswer] = useState<Answer>();
  const [error, setError] = useState<Error>();
  const [isBusy, setBusy] = useState(false);
  const key = useRef('');
  const send = async (dryRun: boolean): Promise<void> => {
    if (dryRun) key.current = crypto.randomUUID();
    const items = approvals.map(({ id, contentHash }) => ({
      id,
      contentHash,
      decision: verb,
      ...(reason.trim() !== '' && { reason: reason.trim() }),
    }));
    setBusy(true);
    setError(undefined);
    try {
      const headers = { 'idempotency-key': key.current, prefer: 'wait=20' };
      const path = '/v1/approvals/bulk-decide';
      setAnswer(await perdure.post<Answer>(path, { items, dryRun }, { headers, isSafe: true }));
    } catch (failure) {
      setError(failure as Error);
    }
    setBusy(false);
    if (!dryRun) await client.invalidateQueries({ queryKey: ['operations'] });
  };
  return { answer, error, isBusy, send, forget: () => setAnswer(undefined) };
}

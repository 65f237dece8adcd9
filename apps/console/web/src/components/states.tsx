import type { ReactNode } from 'react';
import { PerdureProblem } from '#libs/client/perdure-problem.js';
import { isAway } from '../api/client.js';

interface NoticeProps {
  readonly tone: 'empty' | 'away' | 'forbidden' | 'failed' | 'stale';
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}

/** A state of a panel other than its content. */
export function Notice({ tone, title, children, action }: NoticeProps) {
  return (
    <div className="notice" data-tone={tone} role={tone === 'failed' ? 'alert' : 'status'}>
      <strong>{title}</strong>
      {children && <div>{children}</div>}
      {action}
    </div>
  );
}

/** Nothing yet: as high as what will be there, so that nothing moves. */
export function Loading({ lines = 4 }: { readonly lines?: number }) {
  return (
    <div className="loading" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} className="loading-line" />
      ))}
    </div>
  );
}

const TONES = { 401: 'forbidden', 403: 'forbidden', 404: 'empty' } as const;

function titleOf(problem: PerdureProblem): string {
  const { status, code, title = code } = problem;
  if (status === 0) return 'The console has no answer';
  if (isAway(problem)) return 'Away';
  if (status === 401) return 'Sign in to see this';
  if (status === 403) return 'Not for you';
  if (status === 404) return 'There is nothing here';
  return title;
}

interface FailureProps {
  readonly error: Error;
  readonly onRetry?: () => void;
}

/** Says why there is nothing to show, and what can be done about it. */
export function Failure({ error, onRetry }: FailureProps) {
  const problem = error instanceof PerdureProblem ? error : ofConsole(error);
  const { status, code, detail, traceId } = problem;
  const tone = isAway(problem) ? 'away' : (TONES[status as keyof typeof TONES] ?? 'failed');
  const retry = onRetry && tone !== 'forbidden' && (
    <button type="button" onClick={onRetry}>
      Try again
    </button>
  );
  return (
    <Notice tone={tone} title={titleOf(problem)} action={retry}>
      <p>{tone === 'away' ? `${detail} It is asked again every few seconds.` : detail}</p>
      {status === 403 && <p>Your roles do not allow it. Another user can be chosen at the top.</p>}
      <p className="quiet">
        <a href={`/docs/problems#${code}`}>{code}</a>
        {traceId && <> · trace {traceId}</>}
      </p>
    </Notice>
  );
}

function ofConsole({ message }: Error): PerdureProblem {
  return new PerdureProblem(500, { code: 'CONSOLE', title: 'The console failed', detail: message });
}

import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useId } from 'react';
import { Failure, Loading, Notice } from './states.js';
import { Age } from './time.js';

interface PanelProps<T> {
  readonly title: ReactNode;
  readonly query: UseQueryResult<T>;
  /** How many lines the content will have, about. */
  readonly lines?: number;
  /** What is said next to the age, such as whether it is live. */
  readonly status?: ReactNode;
  readonly actions?: ReactNode;
  readonly isEmpty?: (data: T) => boolean;
  readonly empty?: ReactNode;
  readonly children: (data: T) => ReactNode;
}

/**
 * A part of a page that shows what was read: its title, how old it is, and its state when there is
 * nothing to show. Every page is made of these.
 */
export function Panel<T>({ title, status, actions, query, children, ...rest }: PanelProps<T>) {
  const id = useId();
  return (
    <section className="panel" aria-labelledby={id} aria-busy={query.isFetching}>
      <header className="panel-head">
        <h2 id={id}>{title}</h2>
        {status}
        <Age at={query.dataUpdatedAt} />
        {actions && <div className="panel-actions">{actions}</div>}
      </header>
      <PanelBody query={query} {...rest}>
        {children}
      </PanelBody>
    </section>
  );
}

type BodyProps<T> = Pick<PanelProps<T>, 'query' | 'lines' | 'isEmpty' | 'empty' | 'children'>;

function PanelBody<T>({ query, lines, isEmpty, empty, children }: BodyProps<T>) {
  const { data, error, refetch } = query;
  if (data === undefined) {
    return error ? (
      <Failure error={error} onRetry={() => void refetch()} />
    ) : (
      <Loading {...(lines && { lines })} />
    );
  }
  return (
    <>
      {error && (
        <Notice tone="stale" title="Stale">
          <p>This is what was read before. {error.message}</p>
        </Notice>
      )}
      {isEmpty?.(data) ? (empty ?? <Notice tone="empty" title="Nothing yet" />) : children(data)}
    </>
  );
}

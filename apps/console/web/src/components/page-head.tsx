import { type ReactNode, useEffect } from 'react';

interface PageHeadProps {
  readonly title: string;
  readonly summary?: ReactNode;
  readonly children?: ReactNode;
}

/** The title of a page, which is also that of the tab. */
export function PageHead({ title, summary, children }: PageHeadProps) {
  useEffect(() => {
    document.title = `${title} · Perdure`;
  }, [title]);
  return (
    <header className="page-head">
      <h1>{title}</h1>
      {children}
      {summary && <p className="quiet">{summary}</p>}
    </header>
  );
}

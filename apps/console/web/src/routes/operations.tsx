import { useParams } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { Deeds } from '../components/deed.js';
import { NeededHere } from '../components/needed-here.js';
import { PageHead } from '../components/page-head.js';
import { Loading, Notice } from '../components/states.js';
import { OPERATIONS } from '../navigation.js';

const PARTS = {
  workers: lazy(async () => ({ default: (await import('./operations-workers.js')).Workers })),
  relays: lazy(async () => ({ default: (await import('./operations-relays.js')).Relays })),
  views: lazy(async () => ({ default: (await import('./operations-views.js')).Views })),
  schedules: lazy(async () => ({ default: (await import('./operations-schedules.js')).Schedules })),
  imports: lazy(async () => ({ default: (await import('./operations-imports.js')).Imports })),
  callbacks: lazy(async () => ({ default: (await import('./operations-callbacks.js')).Callbacks })),
  doctor: lazy(async () => ({ default: (await import('./operations-doctor.js')).Doctor })),
  audit: lazy(async () => ({ default: (await import('./operations-audit.js')).Audit })),
} as const;

/** What operators look after. Each part is a page of its own. */
export function Operations() {
  const { part } = useParams({ from: '/operations/$part' });
  const page = OPERATIONS.find(({ to }) => to === `/operations/${part}`);
  const Part = PARTS[part as keyof typeof PARTS];
  return (
    <div className="page operations" key={part}>
      <PageHead title={page?.title ?? part} summary={page?.summary} />
      <NeededHere />
      {Part ? (
        <Suspense fallback={<Loading lines={12} />}>
          <Deeds>
            <Part />
          </Deeds>
        </Suspense>
      ) : (
        <Notice tone="empty" title={`There is no page ${part}`} />
      )}
    </div>
  );
}

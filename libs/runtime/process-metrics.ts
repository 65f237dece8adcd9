import { collectDefaultMetrics, register } from 'prom-client';

/** Begins to measure this process itself: CPU, memory, event loop. Every metric says which service it is of. */
export function measureProcess(service: string): void {
  register.setDefaultLabels({ service });
  collectDefaultMetrics();
}

import { collectDefaultMetrics, register } from 'prom-client';

/**
 * Starts to measure this process: CPU, memory, event loop. Every metric is labelled with the
 * service.
 */
export function measureProcess(service: string): void {
  register.setDefaultLabels({ service });
  collectDefaultMetrics();
}

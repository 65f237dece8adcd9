import type { Client } from '@temporalio/client';
import { Gauge } from 'prom-client';

/** Temporal is asked no more often than this, however many read the metrics. */
const COUNTED_EVERY_MILLISECONDS = 15_000;
const PATIENCE_MILLISECONDS = 1_000;

const counters = new Set<OpenWorkflows>();

const gauge = new Gauge({
  name: 'perdure_open_workflows',
  help: 'Open workflows by type, as counted by Temporal; absent while it does not answer',
  labelNames: ['type'],
  collect: async () => void (await Promise.all([...counters].map((counter) => counter.show()))),
});

/**
 * Shows in `/metrics` how many workflows of these types are open. An entity at rest has none. Every
 * process that calls this shows the same numbers: they are those of the namespace.
 */
export function showOpenWorkflows(client: Client, types: readonly string[]): { close(): Promise<void> } {
  const counter = new OpenWorkflows(client, types);
  counters.add(counter);
  return {
    close: async () => {
      counters.delete(counter);
      counter.hide();
    },
  };
}

class OpenWorkflows {
  private countedAt = -Infinity;
  private counting: Promise<void> = Promise.resolve();

  constructor(
    private readonly client: Client,
    private readonly types: readonly string[],
  ) {}

  show(): Promise<void> {
    const now = performance.now();
    if (now - this.countedAt >= COUNTED_EVERY_MILLISECONDS) {
      this.countedAt = now;
      this.counting = this.count();
    }
    return this.counting;
  }

  hide(): void {
    for (const type of this.types) gauge.remove({ type });
  }

  private async count(): Promise<void> {
    try {
      const counts = await this.client.withDeadline(Date.now() + PATIENCE_MILLISECONDS, () =>
        Promise.all(this.types.map((type) => this.countOf(type))),
      );
      for (const [index, type] of this.types.entries()) gauge.set({ type }, counts[index] ?? 0);
    } catch {
      this.hide();
    }
  }

  private async countOf(type: string): Promise<number> {
    const { count } = await this.client.workflow.count(
      `WorkflowType = '${type}' AND ExecutionStatus = 'Running'`,
    );
    return count;
  }
}

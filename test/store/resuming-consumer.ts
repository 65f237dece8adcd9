import type { AllStreamSubscription, Position } from '@eventstore/db-client';
import type { Resolved, StoreClient } from './official-client.js';
import { START } from './store-kit.js';

/**
 * Follows $all like a careful consumer: it keeps its own checkpoint, and subscribes again from
 * there after any end.
 */
export class ResumingConsumer {
  /** The consumed events by stream, in order: ids and revisions. */
  readonly consumed = new Map<string, { id: string; revision: bigint }[]>();
  ends = 0;
  private checkpoint: Position | undefined;
  private isStopped = false;
  private current: AllStreamSubscription | undefined;

  constructor(private readonly store: StoreClient) {}

  async run(): Promise<void> {
    while (!this.isStopped) {
      await this.follow();
      this.ends += 1;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.current?.unsubscribe();
    this.current?.destroy();
  }

  private follow(): Promise<void> {
    return new Promise((resolve) => {
      const subscription = this.store.subscribeToAll({ from: this.checkpoint ?? START });
      this.current = subscription;
      for (const end of ['error', 'end', 'close'] as const) subscription.on(end, () => resolve());
      subscription.on('data', ({ event }: Resolved) => {
        if (!event?.position) return;
        this.checkpoint = event.position;
        const { streamId, id, revision } = event;
        const before = this.consumed.get(streamId) ?? [];
        before.push({ id, revision });
        this.consumed.set(streamId, before);
      });
    });
  }
}

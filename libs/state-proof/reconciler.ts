import { setTimeout as sleep } from 'node:timers/promises';
import { eventsTopic } from '#contracts/entity-contract.js';
import type { Stoppable } from '#libs/http/run-service.js';
import { ChangeLog } from '#libs/kafka/change-log.js';
import { viewKey } from '#libs/read-model/view-definition.js';
import { countLeftOut, countReconciled } from './drift-metrics.js';
import { reconcileEntity } from './reconcile-entity.js';
import type { ProvenCategory, StateProofDependencies } from './state-proof.dependencies.js';

/**
 * To compare an entity takes memory for the rows of all its events, and time of a process that has entities to run: what has
 * more events than this is left to the doctor. Of an account that are some 30 MB and a second or two.
 */
const MAX_EVENTS = 20_000;

export interface ReconcilerOptions extends StateProofDependencies {
  /** Seconds between two samples; 0: never. */
  readonly everySeconds: number;
  /** Entities of each category in a sample, beside those that changed last. */
  readonly entities: number;
}

/**
 * Compares entities with their streams, for ever and a few at a time, and heals what differs: in each round of a category the
 * next ones in the order of their names, and those that changed last. So each is looked at again and again, however many there
 * are, unless it has so many events that it is left to the doctor. Any number of processes may do so.
 */
export function startReconciler(options: ReconcilerOptions): Stoppable {
  const stopping = new AbortController();
  const running = new Reconciler(options).run(stopping.signal);
  return {
    close: async () => {
      stopping.abort();
      await running;
    },
  };
}

class Reconciler {
  /** The entity after which each category goes on. */
  private readonly reached = new Map<string, string>();
  private readonly changes: ChangeLog;

  constructor(private readonly options: ReconcilerOptions) {
    this.changes = new ChangeLog(options.logger);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { everySeconds, categories } = this.options;
    if (everySeconds === 0) return;
    for (;;) {
      await sleep(everySeconds * 1_000, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        for (const category of categories) await this.sample(category, signal);
        this.changes.well();
      } catch (error) {
        this.changes.failing('entities cannot be compared with their streams now', error);
      }
    }
  }

  private async sample(category: ProvenCategory, signal: AbortSignal): Promise<void> {
    const streams = new Set([...(await this.next(category)), ...(await this.changedLast(category))]);
    for (const stream of streams) {
      if (signal.aborted) return;
      if ((await this.headOf(stream)) >= MAX_EVENTS) {
        countLeftOut();
        continue;
      }
      const { drift } = await reconcileEntity(this.options, category, stream, { heal: true });
      countReconciled(drift);
    }
  }

  private async headOf(stream: string): Promise<number> {
    const last = { direction: 'backwards', limit: 1 } as const;
    for await (const { revision } of this.options.store.read(stream, last)) return revision;
    return -1;
  }

  private async next({ category, views }: ProvenCategory): Promise<readonly string[]> {
    const { pool, entities } = this.options;
    // The last view of a category is an index, which knows of each entity.
    const view = views.map(viewKey).at(-1) ?? '';
    const { rows } = await pool.query<{ stream: string }>(
      'SELECT stream FROM read_model.entities WHERE view = $1 AND stream > $2 ORDER BY stream LIMIT $3',
      [view, this.reached.get(category) ?? '', entities],
    );
    const last = rows.length < entities ? undefined : rows.at(-1)?.stream;
    this.reached.set(category, last ?? '');
    return rows.map(({ stream }) => stream);
  }

  /** The last of each partition. */
  private changedLast({ category }: ProvenCategory): Promise<readonly string[]> {
    return this.options.kafka.readTail(eventsTopic(category), ({ key }) => key);
  }
}

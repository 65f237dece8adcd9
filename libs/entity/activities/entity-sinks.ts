import type { InjectedSinks } from '@temporalio/worker';
import { Counter } from 'prom-client';
import { parseStreamName } from '#libs/core/entity-id.js';
import type { EntitySinks } from '#libs/entity/workflow/entity-loop.js';
import type { Logger } from '#libs/runtime/logger.js';
import { about } from '#libs/runtime/log-fields.js';

const dropped = new Counter({
  name: 'perdure_signals_dropped_total',
  help: 'Signals to entities that were dropped because their arguments are malformed',
  labelNames: ['category', 'signal'],
});

/**
 * What workflows of entities report to their worker, for its options. Each report is logged and
 * counted once.
 */
export function entitySinks(logger: Logger): InjectedSinks<EntitySinks> {
  return {
    entity: {
      dropped: {
        fn: ({ workflowId: stream }, { signal, fault }) => {
          logger.warn({ ...about(stream), signal, fault }, 'a malformed signal was dropped');
          dropped.inc({ category: parseStreamName(stream)?.category ?? 'unknown', signal });
        },
      },
    },
  };
}

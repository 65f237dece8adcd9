import { z } from 'zod';
import { entityId, recordedAt } from '../fields.js';

/** Where a saga stands. */
export const sagaStatus = z.enum(['running', 'compensating', 'completed', 'compensated']);

/** A row of a list of sagas. */
export const sagaRow = z
  .strictObject({
    id: entityId,
    status: sagaStatus,
    stuckSteps: z.array(z.string()).meta({
      description:
        'Steps that wait for somebody to see to them: stuck, overdue, or done after they were given up',
    }),
    stuckSince: recordedAt.optional().meta({ description: 'Since when the first of these waits' }),
    cause: z.string().optional().meta({ description: 'The code for which it is undone' }),
    revision: z.int().min(0),
    startedAt: recordedAt,
    updatedAt: recordedAt,
  })
  .meta({ description: 'A saga as the read model shows it, up to `revision`' });

export type SagaRow = z.output<typeof sagaRow>;

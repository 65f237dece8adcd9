import { z } from 'zod';
import { code, detail, entityId, recordedAt, starter } from '#contracts/fields.js';
import { stockImportContract } from '#contracts/stock-import/stock-import.contract.js';
import { notPersonal } from '#contracts/personal-data.js';

const { input, view } = stockImportContract;
const { phase, rejects: _, results: __, ...counts } = stockImportContract.progress.shape;
const flowStatus = view.shape.status.options.filter((status) => status !== 'running');
const address = notPersonal(z.string());

/** An import as clients see it. */
export const stockImport = z.strictObject({
  id: entityId,
  status: z.enum([...phase.options.filter((one) => one !== 'ended'), ...flowStatus]).meta({
    description:
      '`checking`: its lines are checked; `stopped`: too many rows have failed; `waiting`: some have, and may be retried',
  }),
  file: input,
  ...counts,
  startedAt: recordedAt,
  endedAt: recordedAt.optional(),
  startedBy: starter.optional(),
  failure: z.strictObject({ code, detail }).optional(),
  links: z.strictObject({
    self: address,
    rejects: address.meta({ description: 'The rows that were not applied, and why' }),
    results: address.meta({ description: 'The rows that were sent, and what became of each' }),
  }),
});

export type StockImportView = z.output<typeof stockImport>;

/** A row in a report. */
export const rowReport = z.strictObject({
  line: z.int().min(1),
  sku: entityId.optional().meta({ description: 'Absent if the line is no row' }),
  outcome: z.enum(['applied', 'rejected', 'failed']),
  code: code.optional(),
  detail: detail.optional(),
  commandId: notPersonal(z.string()).optional(),
  revision: z.int().min(0).optional().meta({ description: 'Of the item, after the row' }),
});

export type RowReport = z.output<typeof rowReport>;

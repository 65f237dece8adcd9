import { z } from 'zod';
import { count, currency, timestamp } from '../fields.js';
import { flowContract } from '../flow/flow.contract.js';
import { spreadMessages, spreadProgress, spreadResult } from '../flow/spread.fields.js';
import { collectionOf } from '../services.js';
import { interestTerms, month } from './interest.fields.js';

/** Who pays interest. */
const PAYERS = ['role:supervisor'] as const;

const paid = z.strictObject({
  accounts: count.meta({ description: 'How many accounts got interest' }),
  amount: count.meta({ description: 'Their sum in minor units, which stops at 2^53 − 1' }),
});

/** Credits all accounts of a tenant with the interest of a month. */
export const interestRunContract = flowContract({
  name: 'interestRun',
  path: collectionOf('interestRun'),
  summary: 'Credit all accounts with the interest of a month',
  access: {
    start: PAYERS,
    cancel: PAYERS,
    read: ['role:supervisor', 'role:support'],
    feed: ['role:support'],
  },
  input: interestTerms.extend({
    month: month
      .optional()
      .meta({ description: 'Default: the month before `dueAt`, or the last one that can be paid' }),
    dueAt: timestamp.optional().meta({ description: 'When the run was due: the month before is paid' }),
  }),
  messages: spreadMessages(PAYERS),
  progress: spreadProgress,
  result: spreadResult(z.record(currency, paid).meta({ description: 'What was paid, by currency' })).extend({
    month,
  }),
});

import { z } from 'zod';
import type { CommandContract } from '../entity-contract.js';
import {
  callbackOutcome,
  compensation,
  ending,
  failure,
  noted,
  outcome,
  place,
  stuck,
  waits,
} from './flow.fields.js';

/**
 * Commands of every flow, in addition to those that depend on its input, messages, progress and
 * result.
 */
export const flowCommands = {
  Restart: {
    schema: z.strictObject({}),
    summary: 'Run a lost flow again from its beginning; nothing that it did outside is done twice',
    visibility: 'public',
    allow: ['role:operator', 'role:supervisor'],
  },
  RetryCompensation: {
    schema: z.strictObject({ name: compensation }),
    summary: 'Retry a stuck compensation',
    visibility: 'public',
    allow: ['role:operator', 'role:supervisor'],
  },
  ResolveCompensation: {
    schema: noted,
    summary: 'Continue without a stuck compensation, because it was handled by hand',
    visibility: 'public',
    allow: ['role:operator', 'role:supervisor'],
  },
  ChildEnded: {
    schema: z.strictObject({ place, outcome }),
    summary: 'Report the end of a child',
    visibility: 'internal',
  },
  EndCallback: {
    schema: z.strictObject({ place, outcome: callbackOutcome }),
    summary: 'Report the end of what a callback address was handed out for',
    visibility: 'internal',
  },
  RecordWaits: {
    schema: z.strictObject({ waits }),
    summary: 'Record what the flow waits for',
    visibility: 'internal',
  },
  RecordStuckCompensation: {
    schema: stuck,
    summary: 'Report that a compensation failed',
    visibility: 'internal',
  },
  Fail: { schema: failure.extend(ending.shape), summary: 'End with a failure', visibility: 'internal' },
  ConfirmCancelled: {
    schema: ending,
    summary: 'End as cancelled',
    visibility: 'internal',
  },
  MarkLost: {
    schema: z.strictObject({}),
    summary: 'Report that the execution was lost',
    visibility: 'internal',
  },
} as const satisfies Record<string, CommandContract>;

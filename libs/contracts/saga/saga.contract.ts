import { z } from 'zod';
import type { EntityAccess, Policy } from '../access.js';
import { flowAnswer } from '../answers.js';
import { approvalAnswer } from '../approval/approval.fields.js';
import { defineContract, type RejectionContract } from '../entity-contract.js';
import { code, detail, entityId, localId, recordedAt, starter, text } from '../fields.js';
import { callbackOutcome, place } from '../flow/flow.fields.js';
import { notPersonal, personal } from '../personal-data.js';
import { sagaRejections } from './saga.rejections.js';

/** The status of a saga. */
export const sagaStatus = z.enum(['running', 'compensating', 'completed', 'compensated']);

const stepName = notPersonal(localId);
const attempts = z.int().min(0);
const cause = z.strictObject({ code, detail });
const stepAt = z.strictObject({ step: stepName, at: recordedAt });
const stepDone = stepAt.extend({ attempts });
const stepRefused = stepDone.extend(cause.shape);

const stepView = z.strictObject({
  name: stepName,
  status: z.enum(['running', 'done', 'refused', 'undoing', 'undone', 'left', 'stuck']).meta({
    description: '`left`: an operator has said that it was not undone, and it stays so',
  }),
  at: recordedAt,
  attempts: attempts.optional(),
  refusal: cause.optional(),
  overdueAt: recordedAt.optional().meta({
    description:
      'Since then it has been without an answer for too long. It is retried until an operator resolves it',
  }),
  waitingSince: recordedAt
    .optional()
    .meta({ description: 'Since when it waits for people or for another process, which may take long' }),
  note: text(500).optional(),
  succeededLateAt: recordedAt.optional().meta({
    description:
      'When it succeeded after an operator had said that it was not done, and nobody has handled that yet',
  }),
});

const plannedStep = z.strictObject({
  name: stepName,
  asks: personal(z.string())
    .optional()
    .meta({ description: 'What it asks for', examples: ['PlaceHold to account alice'] }),
  canBeUndone: z.literal(true).optional(),
  pointOfNoReturn: z.literal(true).optional().meta({
    description: 'Once it has begun, the saga can neither be cancelled nor time out',
  }),
});

const resolution = z.enum(['done', 'not-done']);
/** Whether its action, its compensation or its withdrawal. Older code does not say. */
const stepPart = z.enum(['do', 'undo', 'withdraw']).optional();

/** What is added by whom the step has asked. */
const answered = { echo: stepPart, approval: approvalAnswer.optional(), flow: flowAnswer.optional() };

const outcome = z.discriminatedUnion('status', [
  z.strictObject({
    key: stepName,
    status: z.literal('done'),
    attempts,
    result: personal(z.record(z.string(), z.json())),
    ...answered,
  }),
  z.strictObject({ key: stepName, status: z.literal('refused'), attempts, ...cause.shape, ...answered }),
]);

const operatorCommands = {
  RetryStep: {
    schema: z.strictObject({ step: stepName }),
    summary: 'Retry a stuck step',
    visibility: 'public',
    allow: ['role:operator', 'role:supervisor'],
  },
  ResolveStep: {
    schema: z.strictObject({
      step: stepName,
      note: text(500),
      outcome: resolution.optional().meta({
        description:
          '`done` (default): somebody has done by hand what the step does, or undone it if the ' +
          'compensation is stuck or overdue. `not-done`: it was not done, and the saga is undone; a compensation is left as it is',
      }),
    }),
    summary: 'Settle a step that is stuck, overdue or waits for a callback, because it was handled by hand',
    visibility: 'public',
    allow: ['role:operator', 'role:supervisor'],
  },
} as const;

const internalCommands = {
  RecordStep: { schema: outcome, summary: 'The result of a step', visibility: 'internal' },
  EndCallback: {
    schema: z.strictObject({ place, outcome: callbackOutcome }),
    summary: 'Report the end of what a step has handed out a callback address for',
    visibility: 'internal',
  },
  NoteOverdueStep: {
    schema: z.strictObject({ step: stepName }),
    summary: 'Report that a step is overdue',
    visibility: 'internal',
  },
  NoteWaitingStep: {
    schema: z.strictObject({ step: stepName }),
    summary: 'Report that a step waits for people or for another process, which may take long',
    visibility: 'internal',
  },
  TimeOut: { schema: z.strictObject({}), summary: 'Give up at the deadline', visibility: 'internal' },
} as const;

const stepEvents = {
  StepStarted: { schema: stepAt, summary: 'A step has started', version: 1 },
  StepSucceeded: { schema: stepDone, summary: 'A step is done', version: 1 },
  StepRefused: { schema: stepRefused, summary: 'A step was refused: nothing was done', version: 1 },
  CompensationBegun: {
    schema: z.strictObject({ cause, at: recordedAt }),
    summary: 'The saga is being undone',
    version: 1,
  },
  CompensationStarted: { schema: stepAt, summary: 'A compensation has started', version: 1 },
  StepCompensated: { schema: stepDone, summary: 'A step is undone', version: 1 },
  StepStuck: { schema: stepRefused, summary: 'A step is stuck and needs an operator', version: 1 },
  StepWaiting: {
    schema: stepAt,
    summary:
      'A step waits for people or for another process: until it is answered, the saga does not give up',
    version: 1,
  },
  StepOverdue: {
    schema: stepAt,
    summary: 'A step is overdue: it is retried, and an operator should look into it',
    version: 1,
  },
  StepRetried: { schema: stepAt, summary: 'A stuck step is retried', version: 1 },
  StepResolved: {
    schema: stepAt.extend({
      note: text(500),
      outcome: resolution.optional().meta({ description: 'Default: `done`' }),
    }),
    summary: 'An operator has resolved a step',
    version: 1,
  },
  StepSucceededLate: {
    schema: stepDone.extend({ part: z.enum(['action', 'compensation']) }),
    summary:
      'A step succeeded after an operator had said that it was not done: an operator should look into it',
    version: 1,
  },
  SagaCompleted: { schema: z.strictObject({ at: recordedAt }), summary: 'The saga is completed', version: 1 },
  SagaCompensated: {
    schema: z.strictObject({ cause, at: recordedAt }),
    summary: 'The saga is compensated',
    version: 1,
  },
} as const;

/** The parts of the contract that are specific to one saga. */
export interface SagaContractParts<Input extends z.ZodObject> {
  readonly name: string;
  readonly plural: string;
  readonly summary: string;
  readonly input: Input;
  readonly access: EntityAccess & {
    /** Absent if only another entity starts it. */
    readonly start?: Policy;
    readonly cancel: Policy;
  };
  readonly rejections?: Readonly<Record<string, RejectionContract>>;
}

function startedWith<const Input extends z.ZodObject>(input: Input) {
  return z.strictObject({
    id: entityId,
    input,
    startedBy: starter.optional(),
    asOwner: notPersonal(z.literal(true))
      .optional()
      .meta({ description: 'Some steps act only on what the starter owns' }),
    at: recordedAt,
    deadline: recordedAt,
  });
}

/** The contract of a saga: an entity with the commands, events and view that all sagas share. */
export function sagaContract<const Input extends z.ZodObject>({
  name,
  plural,
  summary,
  input,
  access: { start, cancel, ...access },
  rejections = {},
}: SagaContractParts<Input>) {
  const starting = { schema: input, summary };
  return defineContract({
    name,
    plural,
    summary,
    access,
    commands: {
      Start: start
        ? { ...starting, visibility: 'public', allow: start, creates: true }
        : { ...starting, visibility: 'internal' },
      Cancel: {
        schema: z.strictObject({ reason: text(500) }),
        summary: 'Undo what was done, before the point of no return',
        visibility: 'public',
        allow: cancel,
      },
      ...operatorCommands,
      ...internalCommands,
    },
    events: {
      SagaStarted: { schema: startedWith(input), summary: 'The saga has started', version: 1 },
      ...stepEvents,
    },
    view: z.strictObject({
      status: sagaStatus,
      input,
      startedBy: starter.optional(),
      startedAt: recordedAt,
      endedAt: recordedAt.optional(),
      deadline: recordedAt,
      cause: cause.optional(),
      steps: z.array(stepView).meta({ description: 'Those that have begun' }),
      stages: z.array(z.array(plannedStep)).meta({
        description:
          'All steps, as the definition declares them. Those of a stage run side by side, ' +
          'once all of the stage before are done',
      }),
    }),
    rejections: { ...sagaRejections, ...rejections },
  });
}

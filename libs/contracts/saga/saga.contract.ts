import { z } from 'zod';
import { defineContract, type RejectionContract } from '../entity-contract.js';
import { entityId, localId, recordedAt, text } from '../fields.js';
import { sagaRejections } from './saga.rejections.js';

/** The status of a saga. */
export const sagaStatus = z.enum(['running', 'compensating', 'completed', 'compensated']);

const stepName = localId;
const attempts = z.int().min(0);
const cause = z.strictObject({ code: z.string(), detail: z.string() });
const stepAt = z.strictObject({ step: stepName, at: recordedAt });
const stepDone = stepAt.extend({ attempts });
const stepRefused = stepDone.extend(cause.shape);

const stepView = z.strictObject({
  name: stepName,
  status: z.enum(['running', 'done', 'refused', 'undoing', 'undone', 'left', 'stuck']).meta({
    description: '`left`: somebody has said that it was not undone, and stays so',
  }),
  at: recordedAt,
  attempts: attempts.optional(),
  refusal: cause.optional(),
  overdueAt: recordedAt.optional().meta({
    description:
      'Since then it is without an answer for too long. It goes on being tried until somebody resolves it',
  }),
  note: text(500).optional(),
  succeededLateAt: recordedAt.optional().meta({
    description:
      'Then it succeeded after somebody had said that it was not done, and nobody has seen to that',
  }),
});

const resolution = z.enum(['done', 'not-done']);
/** Whether its action or its compensation; of earlier code, which does not say. */
const stepPart = z.enum(['do', 'undo']).optional();

const outcome = z.discriminatedUnion('status', [
  z.strictObject({
    key: stepName,
    status: z.literal('done'),
    attempts,
    result: z.record(z.string(), z.json()),
    echo: stepPart,
  }),
  z.strictObject({ key: stepName, status: z.literal('refused'), attempts, ...cause.shape, echo: stepPart }),
]);

const commonCommands = {
  Cancel: {
    schema: z.strictObject({ reason: text(500) }),
    summary: 'Undo what was done, as long as there is a way back',
    visibility: 'public',
  },
  RetryStep: {
    schema: z.strictObject({ step: stepName }),
    summary: 'Try a stuck step again',
    visibility: 'public',
  },
  ResolveStep: {
    schema: z.strictObject({
      step: stepName,
      note: text(500),
      outcome: resolution.optional().meta({
        description:
          '`done`, also where it is left out: somebody has done by hand what the step does, or undone it where the ' +
          'compensation is stuck or overdue. `not-done`: it was not done, and the saga is undone; a compensation is left as it is',
      }),
    }),
    summary: 'End the tries of a step that is stuck or overdue, because somebody has seen to it by hand',
    visibility: 'public',
  },
  RecordStep: { schema: outcome, summary: 'What came of a step', visibility: 'internal' },
  NoteOverdueStep: {
    schema: z.strictObject({ step: stepName }),
    summary: 'Ask for somebody to see to a step that is not answered',
    visibility: 'internal',
  },
  TimeOut: { schema: z.strictObject({}), summary: 'Give up at the deadline', visibility: 'internal' },
} as const;

const stepEvents = {
  StepStarted: { schema: stepAt, summary: 'A step is under way', version: 1 },
  StepSucceeded: { schema: stepDone, summary: 'A step is done', version: 1 },
  StepRefused: { schema: stepRefused, summary: 'A step was refused: nothing was done', version: 1 },
  CompensationBegun: {
    schema: z.strictObject({ cause, at: recordedAt }),
    summary: 'What was done is being undone',
    version: 1,
  },
  CompensationStarted: { schema: stepAt, summary: 'A step is being undone', version: 1 },
  StepCompensated: { schema: stepDone, summary: 'A step is undone', version: 1 },
  StepStuck: { schema: stepRefused, summary: 'A step waits for somebody to see to it', version: 1 },
  StepOverdue: {
    schema: stepAt,
    summary: 'A step is not answered: it goes on being tried, and somebody should see to it',
    version: 1,
  },
  StepRetried: { schema: stepAt, summary: 'A stuck step is tried again', version: 1 },
  StepResolved: {
    schema: stepAt.extend({
      note: text(500),
      outcome: resolution.optional().meta({ description: '`done` where it is left out' }),
    }),
    summary: 'Somebody has seen to a step that waited for that',
    version: 1,
  },
  StepSucceededLate: {
    schema: stepDone.extend({ part: z.enum(['action', 'compensation']) }),
    summary: 'A step succeeded after somebody had said that it was not done: somebody should see to it',
    version: 1,
  },
  SagaCompleted: { schema: z.strictObject({ at: recordedAt }), summary: 'All is done', version: 1 },
  SagaCompensated: {
    schema: z.strictObject({ cause, at: recordedAt }),
    summary: 'All is undone',
    version: 1,
  },
} as const;

/** What is particular to the contract of one saga. */
export interface SagaContractParts<Input extends z.ZodObject> {
  readonly name: string;
  readonly plural: string;
  readonly summary: string;
  readonly input: Input;
  /** `internal` when only another entity starts it. */
  readonly start: 'public' | 'internal';
  readonly rejections?: Readonly<Record<string, RejectionContract>>;
}

/** The contract of a saga: it is an entity whose commands, events and view are those of every saga. */
export function sagaContract<const Input extends z.ZodObject>({
  name,
  plural,
  summary,
  input,
  start,
  rejections = {},
}: SagaContractParts<Input>) {
  const creates = start === 'public' && { creates: true as const };
  const started = z.strictObject({ id: entityId, input, at: recordedAt, deadline: recordedAt });
  return defineContract({
    name,
    plural,
    summary,
    commands: { Start: { schema: input, summary, visibility: start, ...creates }, ...commonCommands },
    events: { SagaStarted: { schema: started, summary: 'It has begun', version: 1 }, ...stepEvents },
    view: z.strictObject({
      status: sagaStatus,
      input,
      startedAt: recordedAt,
      endedAt: recordedAt.optional(),
      deadline: recordedAt,
      cause: cause.optional(),
      steps: z.array(stepView),
    }),
    rejections: { ...sagaRejections, ...rejections },
  });
}

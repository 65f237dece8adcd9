import { z } from 'zod';
import { defineContract, type RejectionContract } from '../entity-contract.js';
import { entityId, localId, recordedAt, text } from '../fields.js';
import { sagaRejections } from './saga.rejections.js';
import { sagaStatus } from './saga.views.js';

const stepName = localId;
const attempts = z.int().min(0);
const cause = z.strictObject({ code: z.string(), detail: z.string() });
const stepAt = z.strictObject({ step: stepName, at: recordedAt });
const stepDone = stepAt.extend({ attempts });
const stepRefused = stepDone.extend(cause.shape);

const stepView = z.strictObject({
  name: stepName,
  status: z.enum(['running', 'done', 'refused', 'undoing', 'undone', 'stuck']),
  at: recordedAt,
  attempts: attempts.optional(),
  refusal: cause.optional(),
  note: text(500).optional(),
});

const outcome = z.discriminatedUnion('status', [
  z.strictObject({
    key: stepName,
    status: z.literal('done'),
    attempts,
    result: z.record(z.string(), z.json()),
  }),
  z.strictObject({ key: stepName, status: z.literal('refused'), attempts, ...cause.shape }),
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
    schema: z.strictObject({ step: stepName, note: text(500) }),
    summary: 'Take a stuck step as done, because somebody has seen to it by hand',
    visibility: 'public',
  },
  RecordStep: { schema: outcome, summary: 'What came of a step', visibility: 'internal' },
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
  StepRetried: { schema: stepAt, summary: 'A stuck step is tried again', version: 1 },
  StepResolved: {
    schema: stepAt.extend({ note: text(500) }),
    summary: 'Somebody has seen to a stuck step',
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

import type { Mutant } from './mutant.js';

/** Bugs in what starts flows at certain times. */
export const scheduleMutants: readonly Mutant[] = [
  {
    id: 'schedule-time-twice',
    bug: 'A time that is backfilled again starts its flow a second time.',
    file: 'libs/flow/protocol/scheduled-start.ts',
    replace: 'const commandId = `${stream}/start`;',
    by: 'const commandId = `${stream}/start ${now}`;',
    spec: 'libs/flow/protocol/scheduled-start.spec.ts',
    test: 'has the scheduled time in its input and in its id, however late it is',
  },
  {
    id: 'schedule-refused-in-silence',
    bug: 'A scheduled flow that refuses to start looks as if all were well.',
    file: 'libs/flow/workflow/flow.workflow.ts',
    replace: "if (outcome === undefined || outcome.status === 'accepted') return;",
    by: "if (outcome?.status !== 'failed') return;",
    spec: 'test/workflow/flows/scheduled.spec.ts',
    test: 'fails its workflow with the code if the flow refuses to start',
  },
  {
    id: 'schedule-resumed-by-update',
    bug: 'A schedule that was paused is resumed when its declaration changes.',
    file: 'libs/schedules/temporal-schedule.ts',
    replace: '...(policies && { policies }), state };',
    by: '...(policies && { policies }), state: { ...state, paused: false } };',
    spec: 'libs/schedules/schedule.spec.ts',
    test: 'stays paused when its declaration changes',
  },
  {
    id: 'schedule-owned-by-system',
    bug: 'A scheduled flow belongs to a caller named like a part of the system.',
    file: 'libs/core/acting.ts',
    replace: 'actor?.startsWith(SYSTEM) !== true',
    by: "actor !== ''",
    spec: 'test/workflow/flows/scheduled.spec.ts',
    test: 'begins by itself, with the scheduled time, and belongs to nobody',
  },
];

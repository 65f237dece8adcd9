import { type AtStep, type Passing, type Step, STEPS } from '#libs/core/step.js';
import { testId } from './command-envelope.builder.js';

export const FAULTS = ['crash', 'delay', 'duplicate'] as const;

/**
 * What happens to a command at a boundary. `crash`: its process is killed there; `delay`: its
 * process is frozen there until another one has taken over and done the work; `duplicate`: the step
 * is done, its result is lost, and it is done again.
 */
export type Fault = (typeof FAULTS)[number];

/** The fault planned for the command of an entity, its boundary, and its wave. */
export interface PlannedFault {
  readonly wave: string;
  readonly step: Step;
  readonly fault: Fault;
}

const LONGEST_HISTORY = 20;

/**
 * The id of an entity whose command meets a fault. The plan is part of the id, so it goes wherever
 * the command goes.
 */
export function idWithFault(run: string, { wave, step, fault }: PlannedFault, name: string): string {
  return [run, wave, step, fault, name].join(':');
}

/** The fault in the entity id of a stream. */
export function faultPlannedFor(stream: string): PlannedFault | undefined {
  const [, wave, step, fault] = stream.split(':');
  const isPlanned = STEPS.some((known) => known === step) && FAULTS.some((known) => known === fault);
  return isPlanned && wave !== undefined ? { wave, step: step as Step, fault: fault as Fault } : undefined;
}

/** A step was done, and must be done again. */
class RepeatStepError extends Error {
  override readonly name = 'RepeatStepError';
}

/**
 * Stands at every boundary of a process and triggers the faults of one wave. A command that is to
 * crash or be delayed blocks there, for the process to be killed or frozen. A frozen process
 * resumes. Commands of other waves pass.
 *
 * A later attempt in the same process passes too: only the first one meets the fault. `struck` is
 * called for each fault.
 */
export function faultyStep(wave: string, struck: (stream: string) => void): AtStep {
  const met = new Set<string>();
  const thawed = new Promise<void>((resolve) => process.once('SIGCONT', () => resolve()));
  return async (step, passing) => {
    const due = passing.filter(isOfTheCommand).flatMap(({ stream }) => {
      const planned = faultPlannedFor(stream);
      const isDue = planned?.wave === wave && planned.step === step;
      return isDue && mayMeet(met, stream, planned) ? [{ stream, ...planned }] : [];
    });
    for (const { stream } of due) {
      met.add(stream);
      struck(stream);
    }
    if (due.some(({ fault }) => fault === 'duplicate')) throw new RepeatStepError(`${step}: once more`);
    if (due.length > 0) await thawed;
  };
}

/** Several views of an entity pass the same boundary, and none of them retries by itself. */
function mayMeet(met: ReadonlySet<string>, stream: string, { step, fault }: PlannedFault): boolean {
  return !met.has(stream) || (step === 'projected' && fault !== 'duplicate');
}

/** The history that a test has written passes the relay and the projector too. */
function isOfTheCommand({ stream, commandIds }: Passing): boolean {
  const written = Array.from({ length: LONGEST_HISTORY }, (_, index) => testId(`${stream} ${index}`));
  return commandIds.length === 0 || commandIds.some((commandId) => !written.includes(commandId));
}

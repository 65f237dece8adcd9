import type { Timestamp } from '#libs/core/timestamp.js';

/**
 * `done`, or `waiting` for it. `never`: the command was rejected. `parked`: the view cannot
 * continue with this entity until an operator acts. `unknown`: the server that knows does not
 * answer now.
 */
export type StageState = 'done' | 'waiting' | 'never' | 'parked' | 'unknown';

interface Stage {
  readonly state: StageState;
  /** When it was done, if known. */
  readonly at?: Timestamp;
}

/** The progress of a command, stage by stage. */
export interface CommandStages {
  readonly accepted: Stage;
  readonly decided: Stage & { readonly outcome?: 'accepted' | 'rejected' | 'failed'; readonly code?: string };
  readonly appended: Stage & { readonly revision?: number };
  readonly relayed: Stage & {
    readonly topic?: string;
    readonly partition?: number;
    readonly offset?: string;
  };
  readonly projected: readonly (Stage & { readonly view: string })[];
}

/** The stages that a client can wait for. */
export const STAGES = ['decided', 'appended', 'relayed', 'projected'] as const;
export type StageName = (typeof STAGES)[number];

/**
 * Whether there is nothing more to wait for until this stage: neither it nor an earlier one is
 * pending. Views are independent, so one may show a command before the index has seen that it was
 * relayed.
 */
export function isReached(stages: CommandStages, name: StageName): boolean {
  const before = STAGES.slice(0, STAGES.indexOf(name));
  const isWaiting = before.some((stage) => statesOf(stages, stage).includes('waiting'));
  return !isWaiting && statesOf(stages, name).every(isOver);
}

function statesOf(stages: CommandStages, name: StageName): StageState[] {
  return name === 'projected' ? stages.projected.map(({ state }) => state) : [stages[name].state];
}

function isOver(state: StageState): boolean {
  return state === 'done' || state === 'never' || state === 'parked';
}

import type { Timestamp } from '#libs/core/timestamp.js';

/** Why a schedule is paused. By whom and when is unknown if it was paused in Temporal. */
export interface Pause {
  readonly by?: string | undefined;
  readonly at?: Timestamp | undefined;
  readonly reason: string;
}

const NOTE = /^Paused by (\S+) at (\S+): (.*)$/s;

/** The note that Temporal shows of a pause. */
export function noteOf({ by, at, reason }: Required<Pause>): string {
  return `Paused by ${by} at ${at}: ${reason}`;
}

/** The pause that a note tells of. */
export function pauseIn(note: string | undefined): Pause {
  const [, by, at, reason] = NOTE.exec(note ?? '') ?? [];
  return reason === undefined ? { reason: note ?? '' } : { by, at, reason };
}

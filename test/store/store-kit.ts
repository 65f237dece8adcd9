import { randomUUID } from 'node:crypto';
import type { EventData, RecordedEvent } from '@eventstore/db-client';
import { waitUntil } from '#tools/dev-stack/wait-until.js';
import type { Resolved } from './official-client.js';

// Both clients have constants for these words. They are repeated here so that only one client is
// loaded.
export const ANY = 'any';
export const NO_STREAM = 'no_stream';
export const STREAM_EXISTS = 'stream_exists';
export const START = 'start';
export const END = 'end';
export const FORWARDS = 'forwards';
export const BACKWARDS = 'backwards';

/** A stream that no other test uses. */
export const newStream = (category = 'suite'): string => `${category}-${randomUUID()}`;

/** An event with a new id, and defaults for what is not given. */
export function newEvent(name: string, given: Partial<EventData> = {}): EventData {
  const event = { id: randomUUID(), contentType: 'application/json', type: 'Happened', data: { name } };
  return { ...event, metadata: undefined, ...given } as EventData;
}

/** `newEvents('A', 'B')`: one for each name. */
export const newEvents = <Names extends string[]>(...names: Names): { [Index in keyof Names]: EventData } =>
  names.map((name) => newEvent(name)) as { [Index in keyof Names]: EventData };

/** The events as recorded. Fails for a broken link. */
export function recorded(read: readonly Resolved[]): RecordedEvent[] {
  return read.map(({ event }) => {
    if (!event) throw new Error('a link without its event');
    return event;
  });
}

export const ids = (read: readonly Resolved[]): string[] => recorded(read).map(({ id }) => id);

export const revisions = (read: readonly Resolved[]): number[] =>
  recorded(read).map(({ revision }) => Number(revision));

/** How a call failed: the client's own type, if any, and the gRPC code. */
export interface Failure {
  readonly type: string | undefined;
  readonly code: number | undefined;
  readonly message: string;
  /** For a wrong expected version: the current revision of the stream. */
  readonly actual: unknown;
}

/** The failure of a call. Throws if it succeeds. */
export async function failureOf(call: Promise<unknown>): Promise<Failure> {
  let answer: unknown;
  try {
    answer = await call;
  } catch (error) {
    return toFailure(error);
  }
  throw new Error(`it was expected to fail, and gave ${show(answer)}`);
}

export function toFailure(error: unknown): Failure {
  const { type, code, message, actualVersion, actualState } = error as Record<string, unknown>;
  return {
    type: type as string | undefined,
    code: code as number | undefined,
    message: String(message),
    actual: actualVersion ?? actualState,
  };
}

/** The failure for a wrong expected version. */
export const conflictAt = (actual: bigint | 'no_stream') => ({ type: 'wrong-expected-version', actual });

const show = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part));

/**
 * Polls until the condition holds, and fails with its name. The time-out must suit a loaded
 * machine.
 */
export async function eventually(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  timeoutMs = 60_000,
): Promise<void> {
  if (!(await waitUntil(isSo, { timeoutMs, intervalMs: 20 }))) throw new Error(`still not so: ${what}`);
}

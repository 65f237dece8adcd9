import type { CallbackEvent } from '#contracts/callback/callback.contract.js';

type DataOf<Type> = Extract<CallbackEvent, { type: Type }>['data'];

/** Somebody who waits for messages. */
export type Waiter = DataOf<'CallbackAwaited'>;

/** A message that was neither claimed nor discarded. */
export interface HeldMessage extends DataOf<'CallbackReceived'> {
  /** The waiter to whom it is being delivered. */
  readonly to?: Waiter;
  /** The waiter that refused it last, and with which code. */
  readonly refused?: { readonly by: Waiter; readonly code: string };
}

/** Messages under one key, and who waits for them, the earliest first. */
export interface CallbackState {
  readonly received: number;
  readonly waiters: readonly Waiter[];
  readonly messages: readonly HeldMessage[];
}

export const MAX_MESSAGES = 100;
export const MAX_MESSAGE_BYTES = 512 * 1024;
export const MAX_WAITERS = 100;

export const initialCallback: CallbackState = { received: 0, waiters: [], messages: [] };

/** Whether a message waits for somebody to take it. */
export function isUnclaimed({ to }: HeldMessage): boolean {
  return to === undefined;
}

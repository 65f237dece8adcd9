import type { FlowDoor, FlowTypes, Sent } from './flow.js';
import type { FlowState } from './flow.state.js';

/** A flow that was started, for the program that has started it. */
export interface FlowHandle<T extends FlowTypes> extends Omit<FlowDoor<T, Promise<Sent>>, 'start'> {
  readonly id: string;
  /**
   * Waits for its end. Throws `FlowFailure` with its code if it has failed, and `Cancelled` if it
   * was cancelled.
   */
  result(): Promise<T['result']>;
  state(): Promise<FlowState>;
}

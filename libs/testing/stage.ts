import type { DomainEvent } from '#libs/core/decider.js';
import type { Outcome } from '#libs/core/outcome.js';
import type { TestCommand } from './command-envelope.builder.js';

/** The result of a command on a stage. */
export interface Performance {
  readonly outcome: Outcome;
  /**
   * Everything written to the stream after the history and up to the command, expiries included.
   * What follows, such as the reply to an effect, is no part of the scenario.
   */
  readonly events: readonly DomainEvent[];
}

/**
 * Where a scenario runs: in memory, on a time-skipping server, or on the whole stack. Each run has
 * its own entity.
 */
export interface Stage {
  perform(history: readonly DomainEvent[], command: TestCommand): Promise<Performance>;
  /** Whether a scenario, counted from 0, runs on this stage; absent if all do. */
  isChosen?(scenario: number): boolean;
}

import type { DomainEvent } from '#libs/core/decider.js';
import type { Outcome } from '#libs/core/outcome.js';
import type { TestCommand } from './command-envelope.builder.js';

/** What became of a command on a stage. */
export interface Performance {
  readonly outcome: Outcome;
  /** Everything that was written to the stream after the history, expiries included. */
  readonly events: readonly DomainEvent[];
}

/**
 * Where a sentence of a scenario is performed: in memory, on a server that skips time, or on the whole stack. Each
 * performance has an entity of its own.
 */
export interface Stage {
  perform(history: readonly DomainEvent[], command: TestCommand): Promise<Performance>;
}

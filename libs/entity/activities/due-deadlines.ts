import type { AnyDecider, Deadline } from '#libs/core/decider.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { Outcome } from '#libs/core/outcome.js';
import type { Timestamp } from '#libs/core/timestamp.js';
import type { Defect } from './decide-command.js';
import { dueEnvelope } from './due-envelope.js';
import type { PlannedAppend } from './planned-append.js';

/** Deadlines met in one append, however small their events are. */
const MAX_DUE_IN_AN_APPEND = 2_000;

/**
 * What is left of the due deadlines. `left`: this append has no room for all of them, and the next
 * one takes more. `unmet`: the earliest one cannot be met, because its rule rejects the command or
 * throws.
 */
export type DueWork = 'none' | 'left' | 'unmet';

/** Meets due deadlines, earliest first, as far as the append has room. */
export class DueDeadlines {
  /** What the last call of `meetUntil` left. */
  left: DueWork = 'none';
  /** Ids of the commands that were decided for deadlines. */
  private readonly met = new Set<string>();

  constructor(
    private readonly decider: AnyDecider,
    private readonly stream: string,
    private readonly planned: PlannedAppend,
    private readonly decide: (envelope: CommandEnvelope) => Outcome,
    private readonly defects: Defect[],
  ) {}

  get isFull(): boolean {
    return this.planned.isFull || this.met.size >= MAX_DUE_IN_AN_APPEND;
  }

  /** Meets everything that is due at this time. */
  meetUntil(moment: Timestamp): void {
    this.left = this.leftAfter(moment);
  }

  private leftAfter(moment: Timestamp): DueWork {
    for (;;) {
      const deadline = this.decider.deadline?.(this.planned.fold.state);
      if (!deadline || deadline.at > moment) return 'none';
      if (this.isFull) return 'left';
      if (!this.meet(deadline)) return 'unmet';
    }
  }

  /**
   * False when the command left the deadline in place: a bug in the rules, which must not block
   * other commands.
   */
  private meet(deadline: Deadline): boolean {
    const envelope = dueEnvelope(this.stream, deadline);
    const { type, commandId } = envelope;
    const isRepeat = this.met.has(commandId);
    const status = isRepeat ? 'due again' : this.decide(envelope).status;
    this.met.add(commandId);
    if (status !== 'accepted') {
      this.defects.push({ error: new Error(`${type} was due and is ${status}`), envelope });
    }
    return status === 'accepted';
  }
}

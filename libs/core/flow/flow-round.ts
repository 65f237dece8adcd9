import type { Json } from '../json.js';
import { type Timestamp, toMilliseconds, toTimestamp } from '../timestamp.js';
import type { Branch, CallPolicies } from './flow.js';
import type { FlowHost } from './flow-host.js';
import { Callbacks } from './callbacks.js';
import type { Wait } from './flow.messages.js';
import type { Inbox } from './inbox.js';

/** A compensation that was registered. */
export interface Undo {
  readonly name: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- of any flow
  readonly run: Branch<any, any, unknown>;
}

/** A child that was started, until its end is known. */
export interface OpenChild {
  readonly category: string;
  readonly id: string;
  readonly onEnd: 'cancel' | 'leave';
}

/** What the function of a flow was started with. */
export interface RoundStart {
  readonly stream: string;
  readonly id: string;
  /** Of the whole flow, the same for ever: what ids and random numbers are made from. */
  readonly seed: string;
  readonly startedAt: Timestamp;
  /** Which round this is, from 0 (see `Flow.continueWith`). */
  readonly epoch: number;
  readonly state: Json | undefined;
  /** When recorded waits end, by their places. */
  readonly timers: Readonly<Record<string, Timestamp>>;
}

/** One round of a flow: what all its branches share. */
export class FlowRound {
  readonly undos: Undo[] = [];
  /** By place. */
  readonly children = new Map<string, OpenChild>();
  readonly callbacks = new Callbacks();
  /** Branches that are running. */
  openBranches = 0;
  progress: Json | undefined;
  /** By place. `length`: for how many milliseconds at the most, from the beginning. */
  private readonly open = new Map<string, { readonly wait: Wait; readonly length: number }>();
  private readonly versions = new Map<string, boolean>();

  constructor(
    readonly host: FlowHost,
    readonly inbox: Inbox,
    readonly start: RoundStart,
    readonly policies: CallPolicies,
  ) {}

  /** The start of every place in this round. */
  get prefix(): string {
    const { stream, epoch } = this.start;
    return epoch === 0 ? stream : `${stream}/e${epoch}`;
  }

  /** What the function waits for, in the order in which it began. */
  get waits(): readonly Wait[] {
    return [...this.open.values()].map(({ wait }) => wait);
  }

  /** Shows a wait for as long as it lasts. */
  async whileWaiting<T>(wait: Wait, work: () => Promise<T>): Promise<T> {
    const { place, until } = wait;
    const length = until === undefined ? Infinity : toMilliseconds(until) - this.host.now();
    this.open.set(place, { wait, length });
    try {
      return await work();
    } finally {
      this.open.delete(place);
    }
  }

  /** How many milliseconds an open wait lasts at the most, from its beginning. */
  lengthOf({ place }: Wait): number {
    return this.open.get(place)?.length ?? 0;
  }

  /** When a wait that begins now ends. A flow that was restarted waits until the recorded time. */
  endOf(place: string, milliseconds: number): { until: Timestamp; isRecorded: boolean } {
    const recorded = this.start.timers[place];
    if (recorded !== undefined) return { until: recorded, isRecorded: true };
    return { until: toTimestamp(this.host.now() + milliseconds), isRecorded: false };
  }

  hasVersion(name: string): boolean {
    const known = this.versions.get(name) ?? this.host.hasVersion(name);
    this.versions.set(name, known);
    return known;
  }
}

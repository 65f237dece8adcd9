import type { Step } from '#libs/core/step.js';
import type { Fault } from '#libs/testing/step-faults.js';
import { eventually } from '../support/account-rest.js';
import { type Case, caseOf } from './crash-case.js';
import type { CrashClient } from './crash-client.js';
import { CrashProcess } from './crash-process.js';
import type { Sentence } from './sentences.js';

/** A local activity has two seconds: what has not come to its fault by then does so in another wave. */
const WINDOW_MILLISECONDS = 1_200;
const PATIENCE_MILLISECONDS = 60_000;
/** More than that often nobody is stopped before all have come. */
const MOST_WAVES = 20;

function said({ sentence, step, fault }: Meeting): string {
  return `${sentence.command.type}, ${fault} at ${step}`;
}

/** One command to one boundary, with what is to happen to it there. */
export interface Meeting {
  readonly sentence: Sentence;
  readonly step: Step;
  readonly fault: Fault;
}

/**
 * The workers' part: all that is to meet a fault in one wave comes to its boundary, then the process is stopped, once, and the
 * next one goes on with all of it. So an entity loses one worker, and Temporal has no reason to make its tasks wait for longer.
 */
export class WorkerWaves {
  readonly cases: Case[] = [];
  private waves = 0;
  private host = new CrashProcess(['worker'], 'w0');

  constructor(
    private readonly run: string,
    private readonly client: CrashClient,
  ) {}

  /** Every meeting takes place. */
  async all(meetings: readonly Meeting[]): Promise<void> {
    let left = meetings;
    for (let tries = 0; left.length > 0; tries += 1) {
      if (tries === MOST_WAVES)
        throw new Error(`they never come to their faults: ${left.map(said).join(', ')}`);
      left = await this.wave(left);
    }
  }

  /** Every step is done twice, and nobody is stopped. */
  async twice(meetings: readonly Meeting[]): Promise<void> {
    const host = await this.host.untilReady();
    const cases = this.casesOf(meetings, `w${this.waves}`);
    await this.prepare(cases);
    // What nobody but the entity does is asked of it twice, by both doors.
    await Promise.all(cases.flatMap((one) => [this.client.signal(one), this.client.insist(one)]));
    await Promise.all(cases.map((one) => this.client.insist(one)));
    const isDone = ({ planned, stream }: Case) => planned.step === 'settled' || host.struck.has(stream);
    const left = async () => meetings.filter((_, index) => !isDone(cases[index] as Case)).map(said);
    await eventually(left, ({ length }) => length === 0, PATIENCE_MILLISECONDS);
  }

  /** Answers with those that have not met their fault. */
  private async wave(meetings: readonly Meeting[]): Promise<readonly Meeting[]> {
    const host = await this.host.untilReady();
    const cases = this.casesOf(meetings, `w${this.waves}`);
    await this.prepare(cases);
    const answered = Promise.all(cases.map((one) => this.client.insist(one)));
    const isHeld = (one: Case) => this.isHeld(host, one);
    await eventually(
      async () => cases.every(isHeld) || host.sinceTheFirst > WINDOW_MILLISECONDS,
      Boolean,
      PATIENCE_MILLISECONDS,
      10,
    );
    const left = meetings.filter((_, index) => !isHeld(cases[index] as Case));
    const isDelay = cases.some(({ planned }) => planned.fault === 'delay');
    if (isDelay) host.freeze();
    else await host.kill();
    this.waves += 1;
    this.host = new CrashProcess(['worker'], `w${this.waves}`);
    await answered;
    await Promise.all(cases.map((one) => this.client.insist(one)));
    if (isDelay) await host.thawAndKill();
    return left;
  }

  /** It is at its boundary, and nobody has gone past it. */
  private isHeld({ struck }: CrashProcess, { planned, stream }: Case): boolean {
    const isAnswered = this.client.receipts.has(stream);
    if (planned.step === 'settled') return isAnswered;
    return struck.has(stream) && (planned.step === 'continued' || !isAnswered);
  }

  private casesOf(meetings: readonly Meeting[], wave: string): Case[] {
    const cases = meetings.map(({ sentence, step, fault }) =>
      caseOf(this.run, sentence, { wave, step, fault }),
    );
    this.cases.push(...cases);
    return cases;
  }

  private async prepare(cases: readonly Case[]): Promise<void> {
    await Promise.all(cases.map((one) => this.client.prepare(one)));
  }
}

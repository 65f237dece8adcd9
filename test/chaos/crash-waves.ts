import type { Step } from '#libs/core/step.js';
import type { Fault } from '#libs/testing/step-faults.js';
import { eventually } from '../support/account-rest.js';
import { type Case, caseOf } from './crash-case.js';
import type { CrashClient } from './crash-client.js';
import { CrashProcess } from './crash-process.js';
import type { Scenario } from './scenarios.js';

/**
 * A local activity has two seconds. What has not reached its fault by then does so in another wave.
 */
const WINDOW_MILLISECONDS = 1_200;
const PATIENCE_MILLISECONDS = 60_000;
/** Gives up after this many waves. */
const MOST_WAVES = 20;

function said({ scenario, step, fault }: Meeting): string {
  return `${scenario.command.type}, ${fault} at ${step}`;
}

/** One command at one boundary, with its fault. */
export interface Meeting {
  readonly scenario: Scenario;
  readonly step: Step;
  readonly fault: Fault;
}

/**
 * The waves of the workers: everything that meets a fault in a wave reaches its boundary, then the
 * process is stopped once, and the next one resumes all of it. So an entity loses one worker, and
 * Temporal has no reason to delay its tasks.
 */
export class WorkerWaves {
  readonly cases: Case[] = [];
  private waves = 0;
  private host = new CrashProcess(['worker'], 'w0');

  constructor(
    private readonly run: string,
    private readonly client: CrashClient,
  ) {}

  /** Runs every meeting. */
  async all(meetings: readonly Meeting[]): Promise<void> {
    let left = meetings;
    for (let tries = 0; left.length > 0; tries += 1) {
      if (tries === MOST_WAVES)
        throw new Error(`they never come to their faults: ${left.map(said).join(', ')}`);
      left = await this.wave(left);
    }
  }

  /** Does every step twice, and stops no process. */
  async twice(meetings: readonly Meeting[]): Promise<void> {
    const host = await this.host.untilReady();
    const cases = this.casesOf(meetings, `w${this.waves}`);
    await this.prepare(cases);
    // Steps that only the entity does are requested twice, by signal and by update.
    await Promise.all(cases.flatMap((one) => [this.client.signal(one), this.client.insist(one)]));
    await Promise.all(cases.map((one) => this.client.insist(one)));
    const isDone = ({ planned, stream }: Case) => planned.step === 'settled' || host.struck.has(stream);
    const left = async () => meetings.filter((_, index) => !isDone(cases[index] as Case)).map(said);
    await eventually(left, ({ length }) => length === 0, PATIENCE_MILLISECONDS);
  }

  /** Returns those that have not met their fault. */
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

  /** It is at its boundary and has not passed it. */
  private isHeld({ struck }: CrashProcess, { planned, stream }: Case): boolean {
    const isAnswered = this.client.receipts.has(stream);
    if (planned.step === 'settled') return isAnswered;
    return struck.has(stream) && (planned.step === 'continued' || !isAnswered);
  }

  private casesOf(meetings: readonly Meeting[], wave: string): Case[] {
    const cases = meetings.map(({ scenario, step, fault }) =>
      caseOf(this.run, scenario, { wave, step, fault }),
    );
    this.cases.push(...cases);
    return cases;
  }

  private async prepare(cases: readonly Case[]): Promise<void> {
    await Promise.all(cases.map((one) => this.client.prepare(one)));
  }
}

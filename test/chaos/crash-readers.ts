import type { Pool } from 'pg';
import { eventsTopic } from '#contracts/entity-contract.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { positionOf } from '#libs/kafka/cloud-event.codec.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import type { PlannedFault } from '#libs/testing/step-faults.js';
import { groupBy } from '../checkers/facts.js';
import { eventually } from '../support/account-rest.js';
import { type Case, caseOf } from './crash-case.js';
import type { CrashClient } from './crash-client.js';
import { behind, foldsOf, streamFacts, viewLooks } from './crash-facts.js';
import { CrashProcess } from './crash-process.js';
import { type Scenario, scenarios } from './scenarios.js';

const PATIENCE_MILLISECONDS = 120_000;
/**
 * A batch holds what had arrived. What has not reached its boundary by then is in a later batch,
 * and meets its fault in another wave.
 */
const WINDOW_MILLISECONDS = 15_000;
const MOST_WAVES = 5;
/** The wave for readers that are to do each step twice. */
const DUPLICATES = 'twice';

/** The parts of the read side, each in its own process, and the boundary of each. */
const STEPS = { relay: 'relayed', projector: 'projected' } as const;
type Reader = keyof typeof STEPS;

interface ReaderParts {
  readonly client: CrashClient;
  readonly store: EventStore;
  readonly kafka: Kafka;
  readonly pool: Pool;
}

/**
 * The waves of the readers, which are stopped while commands are decided. A reader that starts then
 * has most of them in one batch, and is stopped at its boundary. The next one resumes, and the
 * commands that were not in the batch are sent again.
 */
export class ReaderWaves {
  readonly cases: Case[] = [];
  private readonly hosts = new Map<Reader, CrashProcess>();

  constructor(
    private readonly run: string,
    private readonly parts: ReaderParts,
  ) {}

  /** Makes each of these scenarios meet the fault. */
  async wave(reader: Reader, fault: 'crash' | 'delay', met: readonly Scenario[]): Promise<void> {
    let left = met;
    for (let tries = 0; left.length > 0; tries += 1) {
      const told = left.map(({ command }) => command.type).join(', ');
      if (tries === MOST_WAVES) throw new Error(`they never come to ${fault} at the ${reader}: ${told}`);
      left = await this.meet(reader, left, {
        wave: `${reader}-${fault}-${tries}`,
        step: STEPS[reader],
        fault,
      });
    }
  }

  /** Returns those that have not met their fault. */
  private async meet(
    reader: Reader,
    told: readonly Scenario[],
    planned: PlannedFault,
  ): Promise<readonly Scenario[]> {
    await this.hosts.get(reader)?.kill();
    const cases = await this.decided(told, planned);
    if (reader === 'projector') await this.untilRelayed(cases);
    const host = new CrashProcess([reader], planned.wave);
    // All views of an entity pass the projector's boundary at once.
    const isHeld = ({ stream }: Case): boolean => host.struck.has(stream);
    await untilHeld(cases, isHeld, () => host.sinceTheFirst > WINDOW_MILLISECONDS);
    const left = told.filter((_, index) => !isHeld(cases[index] as Case));
    if (planned.fault === 'crash') await host.kill();
    else host.freeze();
    this.hosts.set(reader, new CrashProcess([reader], DUPLICATES));
    if (planned.fault === 'delay') {
      await this.untilTakenOver(reader, planned);
      await host.thawAndKill();
    }
    return left;
  }

  /** The resumed readers do everything of a step twice. */
  async twice(step: (typeof STEPS)[Reader], met: readonly Scenario[]): Promise<void> {
    const host = this.hosts.get(step === 'relayed' ? 'relay' : 'projector');
    const cases = await this.decided(met, { wave: DUPLICATES, step, fault: 'duplicate' });
    await untilHeld(cases, ({ stream }) => host?.struck.has(stream) === true);
  }

  /** Has them decided, by any worker. */
  private async decided(told: readonly Scenario[], planned: PlannedFault): Promise<Case[]> {
    const cases = told.map((scenario) => caseOf(this.run, scenario, planned));
    this.cases.push(...cases);
    await Promise.all(cases.map((one) => this.parts.client.prepare(one)));
    await Promise.all(cases.map((one) => this.parts.client.insist(one)));
    return cases;
  }

  /** Waits until every view has reached the end of all these streams. */
  async untilProjected(cases: readonly Case[]): Promise<void> {
    const folds = foldsOf(await streamFacts(this.parts.store, cases));
    await eventually(
      async () => behind(await viewLooks(this.parts.pool), folds),
      isNone,
      PATIENCE_MILLISECONDS,
    );
  }

  /** Waits until another process has handled something of every category. */
  private async untilTakenOver(reader: Reader, { wave, step, fault }: PlannedFault): Promise<void> {
    const some = [...groupBy(scenarios, ({ category }) => category).values()].flatMap(
      ([first]) => first ?? [],
    );
    const cases = await this.decided(some, { wave: `after-${wave}`, step, fault });
    await this.untilRelayed(cases);
    if (reader === 'projector') await this.untilProjected(cases);
  }

  private async untilRelayed(cases: readonly Case[]): Promise<void> {
    const { store, kafka } = this.parts;
    for (const [category, own] of groupBy(cases, ({ scenario }) => scenario.category)) {
      const last = latest((await streamFacts(store, own)).map(({ position }) => BigInt(position)));
      const relayed = async () => latest(await kafka.readTail(eventsTopic(category), positionOf));
      await eventually(relayed, (position) => position >= last, PATIENCE_MILLISECONDS);
    }
  }
}

/** Fails with the names of those that never reach their fault. */
async function untilHeld(
  cases: readonly Case[],
  isHeld: (one: Case) => boolean,
  isOver: () => boolean = () => false,
): Promise<void> {
  const others = async () => cases.filter((one) => !isHeld(one)).map(({ stream }) => stream);
  await eventually(others, (left) => isNone(left) || isOver(), PATIENCE_MILLISECONDS, 20);
}

function isNone({ length }: readonly unknown[]): boolean {
  return length === 0;
}

function latest(positions: readonly bigint[]): bigint {
  return positions.reduce((one, other) => (one > other ? one : other), -1n);
}

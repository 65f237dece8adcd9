import type { AnyDecider, DomainEvent } from '#libs/core/decider.js';
import { parseStreamName } from '#libs/core/entity-id.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { FlowHostFacts } from '#libs/core/flow/flow.messages.js';
import type { FlowState } from '#libs/core/flow/flow.state.js';
import { isOutcomeUnknown } from '#libs/core/outcome-unknown.js';
import type { Accepted, Rejected } from '#libs/core/outcome.js';
import { belongsTo, type Party } from '#libs/core/party.js';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems } from '#libs/core/problems.js';
import { decideBatch, type Plan } from '#libs/entity/activities/decide-batch.js';
import { keysOf } from '#libs/entity/activities/lookup.js';
import type { NameIndex } from '#libs/entity/activities/name-index.js';
import { Patience } from '#libs/entity/activities/patience.js';
import { SearchBudget, SearchedStreams } from '#libs/entity/activities/searched-streams.js';
import { foldFromSnapshot } from '#libs/entity/activities/snapshots.js';
import { UsedNames } from '#libs/entity/activities/used-names.js';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { upcastingStore } from '#libs/event-store/upcasting-store.js';
import { EngineUnavailableError, EntityBusyError } from './entity-gateway.js';
import { EvenReads } from './even-reads.js';
import { reading } from './reading.js';

/** The most reads of the store for one state: a snapshot, its event, and the events after it. */
const READS_OF_A_STATE = 3;

/** An entity whose commands can be tried. */
export interface TriedEntity {
  readonly decider: AnyDecider;
  readonly nameIndex?: NameIndex;
  readonly isFlow?: true;
}

/** What would come of a command. */
export interface DryRun {
  readonly outcome: Accepted | Rejected;
  /** What would be written, including what is due before the command. */
  readonly events: readonly DomainEvent[];
  readonly before: Fold;
  readonly after: Fold;
  /** Whether the entity would then belong to a caller. */
  belongsTo(party: Party): boolean;
}

interface Tried extends TriedEntity {
  readonly store: EventStore;
  readonly streams: SearchedStreams;
}

/**
 * Decides commands as their entities would, on the events in the store, and writes and sends
 * nothing. It is for commands that were never sent: it does not look for an earlier outcome. A
 * class, so that Nest can inject it.
 */
export class DryRuns {
  private readonly byCategory: ReadonlyMap<string, Tried>;

  constructor(store: EventStore, entities: readonly TriedEntity[]) {
    this.byCategory = new Map(
      entities.map((entity) => {
        const { decider } = entity;
        const current = upcastingStore(store, { [decider.name]: decider.upcasts ?? {} });
        const streams = new SearchedStreams(current, (event) => keysOf(event, decider));
        return [decider.name, { ...entity, store: current, streams }];
      }),
    );
  }

  /**
   * Throws `EngineUnavailableError` if the outcome cannot be known now, and a problem if a rule
   * throws.
   */
  async run(stream: string, envelope: CommandEnvelope): Promise<DryRun> {
    const tried = this.byCategory.get(parseStreamName(stream)?.category ?? '');
    if (!tried) throw new TypeError(`no rules of ${stream} are known here`);
    const before = await foldOf(tried, stream);
    const plan = await planOf(tried, stream, before, withHost(tried, before, envelope));
    const { outcomes, events, fold: after } = plan;
    const [outcome] = outcomes;
    if (!outcome) throw new EntityBusyError('more is due than can be met at once; try again');
    if (outcome.status === 'failed') throw new ProblemError(problems.internal, outcome.detail);
    if (isOutcomeUnknown(outcome)) throw new EngineUnavailableError('postgres');
    return {
      outcome,
      events: events.map(({ type, data }) => ({ type, data })),
      before,
      after,
      belongsTo: (party) => belongsTo(tried.decider, after.state, party),
    };
  }
}

/** An entity that is hidden from the sender costs as many reads as one that does not exist. */
async function foldOf({ decider, store }: Tried, stream: string): Promise<Fold> {
  const reads = new EvenReads(store);
  return reading(async () => {
    const fold = await foldFromSnapshot(decider, reads, stream);
    await reads.fillUp(READS_OF_A_STATE);
    return fold;
  });
}

async function planOf(
  { decider, store, streams, nameIndex }: Tried,
  stream: string,
  fold: Fold,
  envelope: CommandEnvelope,
): Promise<Plan> {
  const lookup = { streams, patience: new Patience(), budget: new SearchBudget() };
  const names = new UsedNames(decider, stream, nameIndex, lookup, store);
  for (;;) {
    const plan = decideBatch(decider, stream, fold, [envelope], names);
    if (plan.wanted.length === 0) return plan;
    await reading(() => names.look(plan.wanted, fold.revision));
  }
}

/**
 * What only the workflow of a flow knows: here, that its function is executed and has read all its
 * messages.
 */
function withHost({ isFlow }: Tried, { state }: Fold, envelope: CommandEnvelope): CommandEnvelope {
  if (!isFlow) return envelope;
  const {
    execution = envelope.commandId,
    received: read,
    receivedBytes: readBytes,
  } = state as never as FlowState;
  const host: FlowHostFacts = { execution, read, readBytes };
  return { ...envelope, host };
}

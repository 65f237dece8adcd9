import type { Pool } from 'pg';
import { eventsTopic } from '#contracts/entity-contract.js';
import type { Accepted } from '#libs/core/outcome.js';
import { parseStreamName } from '#libs/core/entity-id.js';
import type { Timestamp } from '#libs/core/timestamp.js';
import type { CommandIndex, IndexedCommand } from '#libs/entity/activities/command-index.js';
import type { Receipt } from '#libs/entity/gateway/entity-gateway.js';
import type { EventStore, RecordedEvent } from '#libs/event-store/event-store.js';
import type { Logger } from '#libs/runtime/logger.js';
import type { AnyView } from '#libs/core/view-definition.js';
import type { CommandStages } from './command-stages.js';
import { type Projected, projectedIn } from './projected-in.js';

/** The read side of a category, as receipts show it. */
export interface ReadSide {
  readonly index: CommandIndex;
  readonly views: readonly AnyView[];
}

export interface StageFinderOptions {
  readonly store: EventStore;
  readonly pool: Pool;
  /** By category. */
  readonly readSides: Readonly<Record<string, ReadSide>>;
  readonly logger: Logger;
}

/**
 * Finds the progress of a command beyond its receipt. Never throws: what cannot be determined now
 * is `unknown`.
 */
export class StageFinder {
  constructor(private readonly options: StageFinderOptions) {}

  async find(stream: string, receipt: Receipt): Promise<CommandStages> {
    const side = this.options.readSides[parseStreamName(stream)?.category ?? ''];
    const views = side?.views ?? [];
    switch (receipt.status) {
      case 'pending': {
        return { accepted: done(receipt.sentAt), ...undecided(views, 'waiting') };
      }
      case 'rejected':
      case 'failed': {
        const { status: outcome, code, sentAt, decidedAt } = receipt;
        return {
          accepted: done(sentAt),
          ...undecided(views, 'never'),
          decided: { ...done(decidedAt), outcome, code },
        };
      }
      default:
        return this.ofAccepted(stream, receipt, side);
    }
  }

  private async ofAccepted(
    stream: string,
    receipt: Accepted,
    side: ReadSide | undefined,
  ): Promise<CommandStages> {
    const { revision } = receipt;
    const [event, indexed] = await Promise.all([
      this.quietly(() => this.eventAt(stream, revision)),
      this.quietly(async () => side && (await side.index.find(stream, [receipt.commandId]))),
    ]);
    const command = indexed?.commands.find(({ outcome }) => outcome.commandId === receipt.commandId);
    const views = side?.views ?? [];
    const projected =
      indexed &&
      (await this.quietly(() => projectedIn(this.options.pool, views, stream, revision, command?.relayed)));
    const { sentAt, decidedAt } = event?.metadata ?? {};
    return {
      accepted: done(sentAt),
      decided: { ...done(decidedAt), outcome: 'accepted' },
      appended: { ...done(event?.recordedAt), revision },
      relayed: relayedStage(stream, command, indexed && indexed.revision >= revision, indexed !== undefined),
      projected: projected ?? views.map(({ name }): Projected => ({ view: name, state: 'unknown' })),
    };
  }

  private async eventAt(stream: string, revision: number): Promise<RecordedEvent | undefined> {
    for await (const event of this.options.store.read(stream, { from: revision, limit: 1 })) return event;
    return undefined;
  }

  private async quietly<T>(ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await ask();
    } catch (error) {
      this.options.logger.debug({ err: error }, 'a receipt lacks what cannot be determined at present');
      return undefined;
    }
  }
}

function done(at: Timestamp | undefined) {
  return { state: 'done', ...(at !== undefined && { at }) } as const;
}

function undecided(views: readonly AnyView[], state: 'waiting' | 'never') {
  const projected = views.map(({ name }) => ({ view: name, state }));
  return { decided: { state }, appended: { state }, relayed: { state }, projected };
}

/** The index follows the topic, so what it has not seen may be there already. */
function relayedStage(
  stream: string,
  command: IndexedCommand | undefined,
  isIndexed: boolean | undefined,
  isKnown: boolean,
): CommandStages['relayed'] {
  if (command?.relayed) {
    const topic = eventsTopic(parseStreamName(stream)?.category ?? '');
    return { state: 'done', topic, ...command.relayed };
  }
  return { state: isKnown && isIndexed !== true ? 'waiting' : 'unknown' };
}

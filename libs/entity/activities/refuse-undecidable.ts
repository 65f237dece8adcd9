import { decidedSchema, type EntityContract } from '#contracts/entity-contract.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { reject, type Rejection } from '#libs/core/rejection.js';
import type { DecideRequest } from '#libs/entity/protocol/activity-messages.js';
import { isOwn } from './answer-known.js';

/** Why a command must not be decided; undefined if it may be. */
export type Refuse = (envelope: CommandEnvelope) => Rejection | undefined;

/**
 * Rejects commands that no rule may see. A command sent until `doubtedUpTo` may have been answered
 * by a run that was reset since. What the entity sends to itself is exempt, because nobody else
 * waits for its outcome. A public command from outside with data that break the contract did not
 * come through the API, which checks them. Rules rely on well-formed data.
 */
export function refuseUndecidable(
  commands: EntityContract['commands'] | undefined,
  { stream, doubtedUpTo = '' }: Pick<DecideRequest, 'stream' | 'doubtedUpTo'>,
): Refuse {
  return ({ commandId, type, data, sender, sentAt }) => {
    if (sentAt <= doubtedUpTo && !isOwn(stream, commandId)) {
      const reason = "the entity's workflow was reset in Temporal";
      return reject(
        'COMMAND.OUTCOME_LOST',
        `${reason}; the command changed nothing and will not be carried out`,
      );
    }
    const command = commands && Object.hasOwn(commands, type) ? commands[type] : undefined;
    if (command?.visibility !== 'public' || sender !== undefined) return undefined;
    const isFormed = decidedSchema(command).safeParse(data).success;
    return isFormed ? undefined : reject('COMMAND.MALFORMED', `the data are not those of ${type}`);
  };
}

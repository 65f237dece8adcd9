import type { EntityContract } from '#contracts/entity-contract.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { reject, type Rejection } from '#libs/core/rejection.js';
import type { DecideRequest } from '#libs/entity/protocol/entity-messages.js';

/** Why a command is not decided; undefined where it is. */
export type Refuse = (envelope: CommandEnvelope) => Rejection | undefined;

/**
 * Refuses what no rule may see. What was sent until `doubtedUpTo` may have been answered before, by a run that was reset since;
 * but for the replies to the entity's own effects, of which nobody was told. A public command from outside whose data are not
 * what the contract says was not sent by our edge, which checks them: rules take their form for granted.
 */
export function refuseUndecidable(
  commands: EntityContract['commands'] | undefined,
  { stream, doubtedUpTo = '' }: Pick<DecideRequest, 'stream' | 'doubtedUpTo'>,
): Refuse {
  return ({ commandId, type, data, sender, sentAt }) => {
    if (sentAt <= doubtedUpTo && !commandId.startsWith(`${stream}@`)) {
      const reason = "the entity's workflow was reset in Temporal";
      return reject(
        'COMMAND.OUTCOME_LOST',
        `${reason}; the command changed nothing and will not be carried out`,
      );
    }
    const command = commands && Object.hasOwn(commands, type) ? commands[type] : undefined;
    if (command?.visibility !== 'public' || sender !== undefined) return undefined;
    const isFormed = command.schema.safeParse(data).success;
    return isFormed ? undefined : reject('COMMAND.MALFORMED', `the data are not those of ${type}`);
  };
}

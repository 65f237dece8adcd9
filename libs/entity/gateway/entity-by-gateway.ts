import { DEFAULT_TENANT, streamName } from '#libs/core/entity-id.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import { entityOver } from '#libs/core/entity.js';
import { keyedCommandIds } from './command-id.js';
import { type CommandDoor, onlyReceipt, type Receipt } from './entity-gateway.js';

/** The sender of commands, and their occasion. */
export interface Sender {
  readonly tenant?: string;
  /** Kept with the events as their actor. */
  readonly name: string;
  /**
   * `import-7/row-12`: for the same occasion, the same command to the same entity is one command.
   */
  readonly occasion: string;
  /**
   * How long `send` waits for the outcome. After that the receipt is pending; the command is still
   * carried out.
   */
  readonly waitMilliseconds: number;
}

/**
 * The entities for a program. `send` throws what {@link CommandDoor} and {@link onlyReceipt} throw.
 */
export function entityByGateway(
  door: Pick<CommandDoor, 'execute'>,
  { tenant = DEFAULT_TENANT, name, occasion, waitMilliseconds }: Sender,
) {
  return entityOver<Promise<Receipt>>(async ({ category, id }, { type, data }) => {
    const stream = streamName(category, id, tenant);
    const scope = { tenant, caller: name, entity: stream, key: occasion };
    const { keyId, commandId } = keyedCommandIds(scope, type, data);
    const ids = { keyId, commandId, correlationId: commandId, causationId: commandId };
    const envelope = { ...ids, type, data, actor: name, sentAt: toTimestamp(Date.now()) };
    return onlyReceipt(await door.execute(stream, [envelope], waitMilliseconds));
  });
}

import { DEFAULT_TENANT, streamName } from '#libs/core/entity-id.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import { entityOver, type Transport } from '#libs/core/entity.js';
import { flowOver } from '#libs/core/flow/flow.js';
import { keyedCommandIds } from './command-id.js';
import { type CommandDoor, onlyReceipt, type Receipt } from './entity-gateway.js';

/** Who sends commands, and on which occasion. */
export interface Sender {
  readonly tenant?: string;
  /** Stored with the events as their actor. */
  readonly name: string;
  /**
   * Makes retries safe: for one occasion, the same command to the same entity is executed once. For
   * example `import-7/row-12`.
   */
  readonly occasion: string;
  /**
   * How long `send` waits for the outcome. After that it resolves to a pending receipt, and the
   * command is still executed.
   */
  readonly waitMilliseconds: number;
}

/**
 * Lets a program send commands to entities. `send` throws the errors of {@link CommandDoor} and
 * {@link onlyReceipt}.
 */
export function entityByGateway(door: Pick<CommandDoor, 'execute'>, sender: Sender) {
  return entityOver(byGateway(door, sender));
}

/** The same for flows. */
export function flowByGateway(door: Pick<CommandDoor, 'execute'>, sender: Sender) {
  return flowOver(byGateway(door, sender));
}

function byGateway(
  door: Pick<CommandDoor, 'execute'>,
  { tenant = DEFAULT_TENANT, name, occasion, waitMilliseconds }: Sender,
): Transport<Promise<Receipt>> {
  return async ({ category, id }, { type, data }) => {
    const stream = streamName(category, id, tenant);
    const scope = { tenant, caller: name, entity: stream, key: occasion };
    const { keyId, commandId } = keyedCommandIds(scope, type, data);
    const ids = { keyId, commandId, correlationId: commandId, causationId: commandId };
    const envelope = { ...ids, type, data, actor: name, sentAt: toTimestamp(Date.now()) };
    return onlyReceipt(await door.execute(stream, [envelope], waitMilliseconds));
  };
}

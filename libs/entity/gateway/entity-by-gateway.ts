import { DEFAULT_TENANT, streamName } from '#libs/core/entity-id.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import { entityOver } from '#libs/core/entity.js';
import { keyedCommandIds } from './command-id.js';
import type { EntityGateway, Receipt } from './entity-gateway.js';

/** Who sends, and for what. */
export interface Sender {
  readonly tenant?: string;
  /** Kept with the events as their actor. */
  readonly name: string;
  /** What it is done for, `import-7/row-12`: the same command to the same entity for the same is the same command. */
  readonly occasion: string;
  /** How long `send` waits for the outcome; then the receipt is pending, and the command goes on. */
  readonly waitMilliseconds: number;
}

/** The entities for a program beside them. `send` throws `EngineUnavailableError` as the gateway does. */
export function entityByGateway(
  gateway: Pick<EntityGateway, 'execute'>,
  { tenant = DEFAULT_TENANT, name, occasion, waitMilliseconds }: Sender,
) {
  return entityOver<Promise<Receipt>>(({ category, id }, { type, data }) => {
    const stream = streamName(category, id, tenant);
    const scope = { tenant, caller: name, entity: stream, key: occasion };
    const { keyId, commandId } = keyedCommandIds(scope, type, data);
    const ids = { keyId, commandId, correlationId: commandId, causationId: commandId };
    const envelope = { ...ids, type, data, actor: name, sentAt: toTimestamp(Date.now()) };
    return gateway.execute(stream, envelope, waitMilliseconds);
  });
}

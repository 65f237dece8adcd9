import { type EntityContract, routeOf } from '#contracts/entity-contract.js';
import { entityOver, type Transport } from '#libs/core/entity.js';
import { flowOver } from '#libs/core/flow/flow.js';
import type { JsonObject } from '#libs/core/json.js';

/**
 * Lets a client send commands to entities over REST. `post` sends a body to a path; it chooses the
 * idempotency key and how long to wait. `send` returns and throws what `post` does. Throws for an
 * entity whose contract is not in `contracts`.
 */
export function entityByRest<Sent>(
  contracts: readonly EntityContract[],
  post: (path: string, body: JsonObject) => Sent,
) {
  return entityOver(byRest(contracts, post));
}

/** The same for flows. */
export function flowByRest<Sent>(
  contracts: readonly EntityContract[],
  post: (path: string, body: JsonObject) => Sent,
) {
  return flowOver(byRest(contracts, post));
}

function byRest<Sent>(
  contracts: readonly EntityContract[],
  post: (path: string, body: JsonObject) => Sent,
): Transport<Sent> {
  return ({ category, id }, { type, data }) => {
    const contract = contracts.find(({ name }) => name === category);
    if (!contract) throw new RangeError(`nothing is known of the routes of ${category}`);
    return post(`/v1/${contract.plural}/${encodeURIComponent(id)}/${routeOf(type)}`, data);
  };
}

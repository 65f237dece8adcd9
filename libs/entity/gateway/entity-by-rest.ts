import { type EntityContract, routeOf } from '#contracts/entity-contract.js';
import { entityOver } from '#libs/core/entity.js';
import type { JsonObject } from '#libs/core/json.js';

/**
 * The entities for a client of the services. `post` sends a body to a path, under the key and with
 * the patience that the client has chosen; what it answers, and throws, is what `send` does. Throws
 * for an entity that has no contract here.
 */
export function entityByRest<Sent>(
  contracts: readonly EntityContract[],
  post: (path: string, body: JsonObject) => Sent,
) {
  return entityOver<Sent>(({ category, id }, { type, data }) => {
    const contract = contracts.find(({ name }) => name === category);
    if (!contract) throw new RangeError(`nothing is known of the routes of ${category}`);
    return post(`/v1/${contract.plural}/${encodeURIComponent(id)}/${routeOf(type)}`, data);
  });
}

import { SERVICES } from '#contracts/services.js';
import { OperatorError } from '../cli/operator.errors.js';

/** The public route of a flow. Throws {@link OperatorError} for a type that is none. */
export function flowPath(type: string, id: string): string {
  for (const { collections } of SERVICES) {
    const collection = (collections as Readonly<Record<string, string>>)[type];
    if (collection?.startsWith('flows/')) return `${collection}/${encodeURIComponent(id)}`;
  }
  throw new OperatorError(`There is no type of flows named ${type}.`);
}

/** The parameters of a route about a flow of another tenant. */
export function tenantQuery(tenant: string | undefined): string {
  return tenant === undefined ? '' : `?tenant=${encodeURIComponent(tenant)}`;
}

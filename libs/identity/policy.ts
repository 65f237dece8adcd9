import type { Policy } from '#contracts/access.js';
import { DEFAULT_TENANT } from '#libs/core/entity-id.js';
import type { Caller } from './caller.js';

/** Roles that count only in the platform tenant, because what they allow covers all tenants. */
const PLATFORM_ROLES: readonly string[] = ['operator'];

/** `full`: with every entity. `owner`: only with what the caller owns. */
export type Extent = 'full' | 'owner';

/** What a policy allows a caller. Undefined if nothing. */
export function extentOf(policy: Policy, caller: Caller): Extent | undefined {
  if (caller.kind === 'anonymous') return 'full';
  if (policy.some((grant) => grant === 'anyone' || hasRole(caller, grant))) return 'full';
  return policy.includes('owner') ? 'owner' : undefined;
}

function hasRole({ tenant, roles }: Caller, grant: string): boolean {
  const role = grant.startsWith('role:') ? grant.slice('role:'.length) : undefined;
  if (role === undefined || !roles.includes(role)) return false;
  return tenant === DEFAULT_TENANT || !PLATFORM_ROLES.includes(role);
}

/**
 * Who may do something. `anyone`: every caller of the tenant. `owner`: the caller that owns the
 * entity. `role:teller`: every caller with that role.
 */
export type Grant = 'anyone' | 'owner' | `role:${string}`;

/** One grant is enough. */
export type Policy = readonly [Grant, ...Grant[]];

type UnownedGrant = Exclude<Grant, 'owner'>;

/** A policy for what belongs to nobody in particular. */
export type UnownedPolicy = readonly [UnownedGrant, ...UnownedGrant[]];

/** Operators of the platform: their role counts only in its own tenant. */
export const OPERATORS: Policy = ['role:operator'];

/** Who may read the entities of a contract. Their lists have their own policies. */
export interface EntityAccess {
  /** The state and the events of one entity, and the receipts of its commands. */
  readonly read: Policy;
  /** The events of all entities. */
  readonly feed: UnownedPolicy;
  /**
   * Who of them sees personal fields. Others see a mask in their place. Default: all who may read.
   */
  readonly personal?: Policy;
}

/**
 * Who may read the receipts of an entity's commands: its readers, and each sender those of its own
 * commands.
 */
export function receiptPolicy({ read }: EntityAccess): Policy {
  return read.includes('owner') ? read : [...read, 'owner'];
}

/** The roles of the services here. Other services may have others. */
export const ROLES = {
  teller: 'Moves the money of any customer, and freezes accounts',
  supervisor:
    'Corrects what went wrong: lifts freezes, resolves sagas, reverses deposits. Sets approval limits',
  support: 'Reads everything of its tenant',
  storefront: 'Acts for any customer in carts and checkouts: the backend of a shop',
  pricing: 'Names prices and grants coupons',
  warehouse: 'Receives, counts and corrects stock',
  payments: 'Charges cards and captures holds',
  operator: 'Uses the operator routes. Counts only in the platform tenant, because they see all tenants',
  security: 'Makes and revokes API keys, and reads what operators did in its tenant',
} as const;

/** Policies as a sentence: `the owner, or the role teller`. */
export function inWords(policy: Policy): string {
  const parts = policy.map((grant) => {
    if (grant === 'anyone') return 'anyone of the tenant';
    return grant === 'owner' ? 'the owner' : `the role ${grant.slice('role:'.length)}`;
  });
  return parts.length === 1 ? String(parts[0]) : `${parts.slice(0, -1).join(', ')} or ${parts.at(-1)}`;
}

import type { Mutant } from './mutant.js';

const spec = 'test/access/matrix.spec.ts';
const ofCase = (operation: string) => ({
  spec,
  test: `each operation answers each caller as the table says ${operation}`,
});
const policy = 'libs/identity/policy.ts';
const access = 'libs/api/http/access.ts';

/** Holes in access control that the matrix of callers, operations and objects finds. */
export const accessMutants: readonly Mutant[] = [
  {
    ...ofCase('GET /v1/operations/account/views'),
    id: 'access-foreign-operator',
    bug: 'An operator of any tenant may use the operator routes.',
    file: policy,
    replace: 'tenant === DEFAULT_TENANT ||',
    by: 'tenant !== undefined ||',
  },
  {
    ...ofCase('POST /v1/accounts/{id}/unfreeze'),
    id: 'access-any-role',
    bug: 'Any role is good enough.',
    file: policy,
    replace: '!roles.includes(role)',
    by: 'roles.length === 0',
  },
  {
    ...ofCase('POST /v1/accounts/{id}/deposit'),
    id: 'access-own-by-default',
    bug: 'A policy without `owner` admits owners, too.',
    file: policy,
    replace: "return policy.includes('owner') ? 'owner' : undefined;",
    by: "return 'owner';",
  },
  {
    ...ofCase('GET /v1/accounts/{id}'),
    id: 'access-owner-sees-all',
    bug: 'A caller that may see only what it owns sees everything.',
    file: access,
    replace: "return extent === 'owner' ? caller.id : undefined;",
    by: 'return extent === undefined ? caller.id : undefined;',
  },
  {
    ...ofCase('POST /v1/carts/{id}/apply-coupon'),
    id: 'access-not-denied',
    bug: 'A caller whom the policy does not admit is admitted.',
    file: access,
    replace: 'if (extent === undefined) throw',
    by: "if (caller.id === '') throw",
  },
  {
    ...ofCase('FEED /v1/accounts/events'),
    id: 'access-feed-of-all',
    bug: 'The feed of all entities is open to everyone who may read one of them.',
    file: 'libs/api/entities/entity.controller.ts',
    replace: '(isFeedOfAll(request) ? access.feed : access.read)',
    by: '(isFeedOfAll(request) ? access.read : access.read)',
  },
  {
    ...ofCase('FEED /v1/accounts/{id}/events'),
    id: 'access-feed-of-another',
    bug: 'The feed of an entity is open to those who do not own it.',
    file: 'libs/api/entities/feed-api.ts',
    replace: 'await assertVisible(this.gateway, this.contract, request, stream);',
    by: '',
  },
  {
    ...ofCase('GET /v1/accounts/{id}/events'),
    id: 'access-events-of-another',
    bug: 'The events of an entity are shown to those who do not own it.',
    file: 'libs/api/entities/entity-api.ts',
    replace: 'await assertVisible(this.gateway, this.contract, request, stream);',
    by: '',
  },
  {
    ...ofCase('GET /v1/accounts/{id}/commands/{commandId}'),
    id: 'access-receipt-of-another',
    bug: "The receipts of others' commands are shown.",
    file: 'libs/api/entities/receipt-api.ts',
    replace: 'this.gateway.receipt(stream, commandId, onlyFor)',
    by: 'this.gateway.receipt(stream, commandId)',
  },
  {
    ...ofCase('GET /v1/inventory/{id}'),
    id: 'access-tenant-of-request',
    bug: 'Callers of every tenant read the entities of the default one.',
    file: 'libs/api/entities/entity-api.ts',
    replace: 'return streamName(this.contract.name, id, callerOf(request).tenant);',
    by: "return streamName(this.contract.name, id, callerOf(request).tenant && 'default');",
  },
  {
    ...ofCase('POST /v1/accounts/{id}/withdraw'),
    id: 'access-command-to-another',
    bug: 'A command that is only for the owner is decided for anybody.',
    file: 'libs/entity/activities/fold-seen-by.ts',
    replace: 'decider.owner?.(fold.state) === onlyFor',
    by: 'onlyFor !== undefined',
  },
  {
    ...ofCase('POST /v1/accounts/{id}/freeze'),
    id: 'access-contract-too-wide',
    bug: 'The contract lets every customer freeze accounts.',
    file: 'libs/contracts/account/account.commands.ts',
    replace: "allow: ['role:teller', 'role:supervisor']",
    by: "allow: ['anyone']",
  },
];

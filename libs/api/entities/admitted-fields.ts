import { inWords } from '#contracts/access.js';
import type { PublicCommandContract } from '#contracts/entity-contract.js';
import type { JsonObject } from '#libs/core/json.js';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems } from '#libs/core/problems.js';
import type { Caller } from '#libs/identity/caller.js';
import { extentOf } from '#libs/identity/policy.js';

/** Throws `ACCESS.DENIED` if the data of a command name a field that its caller may not name. */
export function admitFields(
  { allowFields = {} }: PublicCommandContract,
  data: JsonObject,
  caller: Caller,
): void {
  for (const [field, policy] of Object.entries(allowFields)) {
    if (data[field] === undefined || extentOf(policy, caller) === 'full') continue;
    throw new ProblemError(problems.accessDenied, `${field} is for ${inWords(policy)}: leave it out`);
  }
}

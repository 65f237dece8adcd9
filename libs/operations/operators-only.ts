import type { Policy } from '#contracts/access.js';
import { Allow } from '#libs/api/http/access.js';

/** The policy of the operator routes. */
export const OPERATORS: Policy = ['role:operator'];

/** Opens a route to operators. */
export const OperatorsOnly = () => Allow(OPERATORS);

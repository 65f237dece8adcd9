import { Allow } from '#libs/api/http/access.js';
import { OPERATORS } from './policies.js';

/** Opens a route to operators. */
export const OperatorsOnly = () => Allow(OPERATORS);

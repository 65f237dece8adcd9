import { OPERATORS } from '#contracts/access.js';
import { Allow } from '#libs/api/http/access.js';

/** Opens a route to operators. */
export const OperatorsOnly = (options?: Parameters<typeof Allow>[1]) => Allow(OPERATORS, options);

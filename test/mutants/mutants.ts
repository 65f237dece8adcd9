import { entityMutants } from './entity.mutants.js';
import type { Mutant } from './mutant.js';
import { ruleMutants } from './rule.mutants.js';

/** All bugs that `npm run test:mutants` plants. */
export const mutants: readonly Mutant[] = [...ruleMutants, ...entityMutants];

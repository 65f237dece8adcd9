import type { interestRunContract } from './interest-run.contract.js';
import type { FlowTypesOf } from '../flow/flow.contract.js';
import { flowKind } from '#libs/core/flow/flow.js';

/** What an interest run takes, receives and returns. */
export type InterestRunTypes = FlowTypesOf<typeof interestRunContract>;

export const InterestRun = flowKind<InterestRunTypes>('interestRun');

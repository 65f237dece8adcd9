import type { cardOperationContract } from './card-operation.contract.js';
import type { FlowTypesOf } from '../flow/flow.contract.js';
import { flowKind } from '#libs/core/flow/flow.js';

/** What a step of a card payment takes, reports and returns. */
export type CardOperationTypes = FlowTypesOf<typeof cardOperationContract>;

export const CardOperation = flowKind<CardOperationTypes>('cardOperation');

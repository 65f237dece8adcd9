import { flowKind } from '#libs/core/flow/flow.js';
import type { FlowTypesOf } from '../flow/flow.contract.js';
import type { fulfilmentContract } from './fulfilment.contract.js';

/** What the fulfilment of an order takes and returns. */
export type FulfilmentTypes = FlowTypesOf<typeof fulfilmentContract>;

export const Fulfilment = flowKind<FulfilmentTypes>('fulfilment');

import { Fulfilment } from '#contracts/fulfilment/fulfilment.kind.js';
import { flow } from '#libs/flow/workflow/flow.workflow.js';
import { fulfilmentCallPolicies, fulfilOrder } from '../flows/fulfilment.flow.js';

export const fulfilment = flow(Fulfilment, fulfilOrder, { calls: fulfilmentCallPolicies });

import { entityWorkflow } from '#libs/entity/workflow/entity.workflow.js';
import { flow } from '#libs/flow/workflow/flow.workflow.js';
import { approvalDecider } from '../../../../apps/desk/src/domain/approval.decider.js';
import { outingDecider, wishDecider } from '../../asking.js';
import { callbackDecider } from '../../../../apps/desk/src/domain/callback.decider.js';
import { spreadWorkflow } from '#libs/flow/workflow/spread.workflow.js';
import { Collect, spreading as spreadAll, Spreading } from '../spreading.js';
import { probe as main, Probe, probeCalls } from '../probe.js';

export const approval = entityWorkflow(approvalDecider);
export const outing = entityWorkflow(outingDecider);
export const wish = entityWorkflow(wishDecider);
export const callback = entityWorkflow(callbackDecider);
export const probe = flow(Probe, main, { calls: probeCalls });
export const spreading = flow(Spreading, spreadAll);
export const spread = spreadWorkflow([Collect]);
export { cardOperation } from '../../../../apps/account/src/workflows/card-operation.workflow.js';
export { cardPayment } from '../../../../apps/account/src/workflows/card-payment.workflow.js';

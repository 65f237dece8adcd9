import { InterestRun } from '#contracts/interest-run/interest-run.kind.js';
import { flow } from '#libs/flow/workflow/flow.workflow.js';
import { spreadWorkflow } from '#libs/flow/workflow/spread.workflow.js';
import { AccountInterest, interestRunCalls, payInterest } from '../flows/interest-run.flow.js';

export const interestRun = flow(InterestRun, payInterest, { calls: interestRunCalls });
export const spread = spreadWorkflow([AccountInterest]);

import { flow } from '#libs/flow/workflow/flow.workflow.js';
import { spreadWorkflow } from '#libs/flow/workflow/spread.workflow.js';
import { CountShelf, stocktake as main, Stocktake } from '../flows/stocktake.flow.js';

export const stocktake = flow(Stocktake, main);
export const spread = spreadWorkflow([CountShelf]);
export { relay } from '#libs/relay/workflow/relay.workflow.js';

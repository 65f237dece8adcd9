import { CardOperation } from '#contracts/card-operation/card-operation.kind.js';
import { flow } from '#libs/flow/workflow/flow.workflow.js';
import { cardOperationCalls, operateCard } from '../flows/card-operation.flow.js';

export const cardOperation = flow(CardOperation, operateCard, { calls: cardOperationCalls });

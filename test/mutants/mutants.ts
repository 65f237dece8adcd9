import { accessMutants } from './access.mutants.js';
import { apiKeyMutants } from './api-key.mutants.js';
import { approvalLimitMutants } from './approval-limit.mutants.js';
import { approvalMutants } from './approval.mutants.js';
import { blobMutants } from './blob.mutants.js';
import { callbackMutants } from './callback.mutants.js';
import { clientMutants } from './client.mutants.js';
import { configMutants } from './config.mutants.js';
import { consoleMutants } from './console.mutants.js';
import { edgeMutants } from './edge.mutants.js';
import { entityMutants } from './entity.mutants.js';
import { flowRunMutants } from './flow-run.mutants.js';
import { flowMutants } from './flow.mutants.js';
import { importMutants } from './import.mutants.js';
import { kafkaMutants } from './kafka.mutants.js';
import { limitMutants } from './limit.mutants.js';
import type { Mutant } from './mutant.js';
import { operationMutants } from './operation.mutants.js';
import { overviewMutants } from './overview.mutants.js';
import { pastMutants } from './past.mutants.js';
import { privacyMutants } from './privacy.mutants.js';
import { ruleMutants } from './rule.mutants.js';
import { sagaMutants } from './saga.mutants.js';
import { scheduleMutants } from './schedule.mutants.js';
import { searchMutants } from './search.mutants.js';
import { spreadMutants } from './spread.mutants.js';
import { storeMutants } from './store.mutants.js';
import { tracingMutants } from './tracing.mutants.js';
import { viewMutants } from './view.mutants.js';
import { workerMutants } from './worker.mutants.js';
import { workflowMutants } from './workflow.mutants.js';

/** All bugs that `npm run test:mutants` plants. */
export const mutants: readonly Mutant[] = [
  ...ruleMutants,
  ...consoleMutants,
  ...approvalMutants,
  ...approvalLimitMutants,
  ...callbackMutants,
  ...entityMutants,
  ...workflowMutants,
  ...workerMutants,
  ...sagaMutants,
  ...flowMutants,
  ...flowRunMutants,
  ...spreadMutants,
  ...scheduleMutants,
  ...importMutants,
  ...edgeMutants,
  ...kafkaMutants,
  ...viewMutants,
  ...storeMutants,
  ...blobMutants,
  ...operationMutants,
  ...apiKeyMutants,
  ...accessMutants,
  ...pastMutants,
  ...privacyMutants,
  ...limitMutants,
  ...clientMutants,
  ...searchMutants,
  ...overviewMutants,
  ...configMutants,
  ...tracingMutants,
];

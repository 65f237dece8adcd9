import { Metadata } from '@grpc/grpc-js';
import { Client, type ConnectionLike, type WorkflowService } from '@temporalio/client';

/** By call of Temporal's protocol, such as `signalWithStartWorkflowExecution`: its response. */
type Script = Readonly<Record<string, (request: never) => Promise<unknown>>>;

/** The real client on a Temporal whose responses are all scripted by the test. */
export function scriptedTemporal(script: Script): Client {
  const connection: Pick<ConnectionLike, 'workflowService' | 'plugins' | 'withDeadline'> = {
    workflowService: script as unknown as WorkflowService,
    plugins: [],
    withDeadline: (_, call) => call(),
  };
  return new Client({ connection: connection as ConnectionLike });
}

/** The error of a gRPC call. */
export class GrpcError extends Error {
  override readonly name = 'GrpcError';
  readonly metadata = new Metadata();
  constructor(
    readonly code: number,
    readonly details: string,
  ) {
    super(details);
  }
}

import { Metadata } from '@grpc/grpc-js';
import { Client, type ConnectionLike, type WorkflowService } from '@temporalio/client';

/** By call of Temporal's protocol, `signalWithStartWorkflowExecution`: what it is answered. */
type Script = Readonly<Record<string, (request: never) => Promise<unknown>>>;

/** The real client on a Temporal whose every answer a test gives. */
export function scriptedTemporal(script: Script): Client {
  const connection: Pick<ConnectionLike, 'workflowService' | 'plugins' | 'withDeadline'> = {
    workflowService: script as unknown as WorkflowService,
    plugins: [],
    withDeadline: (_, call) => call(),
  };
  return new Client({ connection: connection as ConnectionLike });
}

/** What a call of gRPC ends with. */
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

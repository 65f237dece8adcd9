import { Client, credentials, Metadata } from '@grpc/grpc-js';

/** Attributes for finding entity workflows in the Temporal UI, all of type Keyword. */
export const searchAttributes = ['EntityType', 'EntityId', 'EntityStatus'] as const;

const namespace = 'default';
const alreadyExists = 6;

/** Whether a Temporal server answers that can start workflows in the default namespace. */
export async function hasDefaultNamespace(address: string): Promise<boolean> {
  try {
    await call(address, 'workflowservice.v1.WorkflowService/DescribeNamespace', textField(1, namespace));
    return true;
  } catch {
    return false; // not there yet, or not Temporal
  }
}

/** Creates missing search attributes, also on a server that was found running. */
export async function registerSearchAttributes(address: string): Promise<void> {
  const keyword = Buffer.from([0x10, 2]);
  const entries = searchAttributes.map((name) =>
    lengthField(1, Buffer.concat([textField(1, name), keyword])),
  );
  const request = Buffer.concat([...entries, textField(2, namespace)]);
  try {
    await call(address, 'operatorservice.v1.OperatorService/AddSearchAttributes', request);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === alreadyExists)) throw error;
  }
}

/**
 * Two calls with two fields each. Encoding them by hand keeps the Temporal client, and its 60 MB,
 * out of a process that lives as long as the stack.
 */
function call(address: string, method: string, request: Buffer): Promise<Buffer> {
  const client = new Client(address, credentials.createInsecure());
  return new Promise<Buffer>((resolve, reject) => {
    const deadline = Date.now() + 2_000;
    client.makeUnaryRequest<Buffer, Buffer>(
      `/temporal.api.${method}`,
      (bytes) => bytes,
      (bytes) => bytes,
      request,
      new Metadata(),
      { deadline },
      (error, reply) => (error ? reject(error) : resolve(reply ?? Buffer.alloc(0))),
    );
  }).finally(() => client.close());
}

function textField(number: number, text: string): Buffer {
  return lengthField(number, Buffer.from(text));
}

/**
 * A protobuf field of wire type 2. All of ours are shorter than 128 bytes, so a length is one byte.
 */
function lengthField(number: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), content]);
}

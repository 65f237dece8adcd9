import type { BlobStore } from '#libs/blob/blob-store.js';
import { BlobAlteredError, BlobMissingError } from '#libs/blob/blob-store.errors.js';
import { flowOfOwner } from '#libs/blob/flow-of-owner.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { inputByReference } from '#libs/core/flow/large-input.js';
import type { JsonObject } from '#libs/core/json.js';
import type { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import type { InputOutcome, InputRequest } from '#libs/flow/protocol/flow-activities.js';

/** An input of this size or more is kept as a blob. Events hold no more. */
const LARGE_BYTES = 65_536;

/**
 * A gateway that keeps the large inputs of flows as blobs, and sends references to them. All else
 * passes as it is.
 */
export function withLargeInputs(
  gateway: EntityGateway,
  blobs: BlobStore,
  isFlow: (category: string) => boolean,
): EntityGateway {
  const kept = async (stream: string, envelopes: readonly CommandEnvelope[]) =>
    Promise.all(envelopes.map((envelope) => keptInput(blobs, stream, envelope)));
  const hasLarge = (stream: string, envelopes: readonly CommandEnvelope[]) =>
    isFlow(flowOfOwner(stream)?.category ?? '') && envelopes.some((one) => largeInputOf(one) !== undefined);
  return {
    send: (stream, envelopes) =>
      hasLarge(stream, envelopes)
        ? kept(stream, envelopes).then((smaller) => gateway.send(stream, smaller))
        : gateway.send(stream, envelopes),
    execute: (stream, envelopes, ...rest) =>
      hasLarge(stream, envelopes)
        ? kept(stream, envelopes).then((smaller) => gateway.execute(stream, smaller, ...rest))
        : gateway.execute(stream, envelopes, ...rest),
    wake: (...of) => gateway.wake(...of),
    state: (...of) => gateway.state(...of),
    ask: (...of) => gateway.ask(...of),
    receipt: (...of) => gateway.receipt(...of),
    events: (...of) => gateway.events(...of),
  };
}

/** Reads an input. If it is gone, no retry brings it back. */
export async function readLargeInput(
  blobs: Pick<BlobStore, 'get'> | undefined,
  { stream, blob }: InputRequest,
): Promise<InputOutcome> {
  if (!blobs) throw new TypeError('there is no store of blobs');
  // What a flow reads belongs to it.
  if (blob.owner !== stream) return lost(`the blob ${blob.hash} belongs to another`);
  try {
    const content = await blobs.get(blob);
    return { status: 'read', input: JSON.parse(Buffer.from(content).toString()) as JsonObject };
  } catch (error) {
    const isLost = error instanceof BlobMissingError || error instanceof BlobAlteredError;
    if (isLost) return lost(error.message);
    throw error;
  }
}

function lost(detail: string): InputOutcome {
  return { status: 'lost', detail };
}

async function keptInput(
  blobs: BlobStore,
  stream: string,
  envelope: CommandEnvelope,
): Promise<CommandEnvelope> {
  const content = largeInputOf(envelope);
  if (content === undefined) return envelope;
  const reference = inputByReference(await blobs.put(stream, content));
  const data = envelope.type === 'Start' ? reference : { ...envelope.data, input: reference };
  return { ...envelope, data };
}

/** The input that a command starts a flow with, as JSON; undefined if it is not large. */
function largeInputOf({ type, data }: CommandEnvelope): Uint8Array | undefined {
  const isStart = type === 'Start' || type === 'StartChild' || type === 'StartFor';
  if (!isStart) return undefined;
  const content = Buffer.from(JSON.stringify(type === 'Start' ? data : (data['input'] ?? {})));
  return content.byteLength > LARGE_BYTES ? content : undefined;
}

import { status as grpc } from '@grpc/grpc-js';
import { describe, expect, test } from '@jest/globals';
import { errorResponse, resultResponse } from './batch-append-response.js';
import { shared, status, streams } from './protocol.js';
import { AppendTooLargeError, RequestError } from './request.errors.js';

const uuid = new shared.UUID();
uuid.setString('c0ffee00-0000-4000-8000-00000000cafe');
const stream = new shared.StreamIdentifier();
stream.setStreamName(Buffer.from('cart-one').toString('base64'));
const append = {
  correlation: Buffer.from(uuid.serializeBinary()),
  identifier: Buffer.from(stream.serializeBinary()),
};

/**
 * The response as the generated code of the official client reads it, if it identifies the append
 * correctly.
 */
function decode(response: Uint8Array) {
  const { correlationId, streamIdentifier, success, error } =
    streams.BatchAppendResp.deserializeBinary(response).toObject();
  expect(correlationId).toEqual(uuid.toObject());
  expect(streamIdentifier).toEqual(stream.toObject());
  return { success, error };
}

const details = (response: Uint8Array) =>
  streams.BatchAppendResp.deserializeBinary(response).getError()?.getDetails() ?? new status.Status();

describe('the answer to an append of a batch', () => {
  test.each([0n, 1n, 2n ** 53n, 2n ** 63n - 1n])(
    'reports that it was written, up to revision %s',
    (revision) => {
      const { success, error } = decode(
        resultResponse({ kind: 'written', revision, position: revision }, append),
      );
      const position = String(revision);
      expect(error).toBeUndefined();
      expect(success).toMatchObject({
        currentRevision: String(revision),
        position: { commitPosition: position, preparePosition: position },
        noPosition: undefined,
      });
    },
  );

  test('has no position when nothing was to be written', () => {
    const { success } = decode(
      resultResponse({ kind: 'written', revision: 0n, position: undefined }, append),
    );
    expect(success).toMatchObject({ currentRevision: '0', position: undefined, noPosition: {} });
  });

  test.each([
    [
      'a conflict',
      resultResponse({ kind: 'conflict', expected: 3n, actual: 5n }, append),
      grpc.ALREADY_EXISTS,
    ],
    ['a deleted stream', resultResponse({ kind: 'deleted' }, append), grpc.NOT_FOUND],
    ['a size', errorResponse(new AppendTooLargeError('too large'), append), grpc.INVALID_ARGUMENT],
    [
      'a bad request',
      errorResponse(new RequestError(grpc.INVALID_ARGUMENT, 'no'), append),
      grpc.INVALID_ARGUMENT,
    ],
  ])('reports %s', (_, response, code) => {
    const { success, error } = decode(response);
    expect(success).toBeUndefined();
    expect(error?.code).toBe(code);
    expect(details(response).serializeBinary().length).toBeGreaterThan(0);
  });
});

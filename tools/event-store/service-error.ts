import { Metadata, type ServiceError, status as grpc } from '@grpc/grpc-js';
import { MAX_APPEND_BYTES } from './proposal.js';
import { StorageUnavailableError } from './event-store-server.errors.js';
import {
  AppendTooLargeError,
  MissingPropertyError,
  RequestError,
  StreamDeletedError,
} from './request.errors.js';
import type { Conflict, Expected } from './write-request.js';

const NOT_PRINTABLE = /[^\x20-\x7e]/gu;

/**
 * Converts an error to gRPC's form, with the trailers by which the official clients recognise it.
 */
export function toServiceError(error: unknown): Partial<ServiceError> {
  const { message } = error as Error;
  if (error instanceof RequestError) return { code: error.code, details: message };
  if (error instanceof StreamDeletedError) {
    const trailers = { exception: 'stream-deleted', 'stream-name': error.stream };
    return withTrailers(grpc.FAILED_PRECONDITION, message, trailers);
  }
  if (error instanceof AppendTooLargeError) {
    const trailers = {
      exception: 'maximum-append-size-exceeded',
      'maximum-append-size': String(MAX_APPEND_BYTES),
    };
    return withTrailers(grpc.INVALID_ARGUMENT, message, trailers);
  }
  if (error instanceof MissingPropertyError) {
    const trailers = {
      exception: 'missing-required-metadata-property',
      'required-metadata-properties': 'type,content-type',
    };
    return withTrailers(grpc.INVALID_ARGUMENT, message, trailers);
  }
  if (error instanceof StorageUnavailableError) return { code: grpc.UNAVAILABLE, details: message };
  return { code: grpc.UNKNOWN, details: message };
}

/** The conflict of a deletion. That of an append has its own response. */
export function conflictError(stream: string, { expected, actual }: Conflict): Partial<ServiceError> {
  const [wanted, found] = [String(toNumber(expected)), String(actual ?? -1n)];
  return withTrailers(
    grpc.FAILED_PRECONDITION,
    `Delete failed due to WrongExpectedVersion. Stream: ${stream}, Expected version: ${wanted}, Actual version: ${found}`,
    {
      exception: 'wrong-expected-version',
      'stream-name': stream,
      'expected-version': wanted,
      'actual-version': found,
    },
  );
}

/** The numbers that the protocol uses for the three words. */
function toNumber(expected: Expected): bigint {
  if (typeof expected === 'bigint') return expected;
  return expected === 'no_stream' ? -1n : expected === 'any' ? -2n : -4n;
}

function withTrailers(code: grpc, details: string, trailers: Record<string, string>): Partial<ServiceError> {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(trailers)) metadata.set(key, toHeader(value));
  return { code, details, metadata };
}

/** A header holds only printable ASCII, so other characters of a name are percent-encoded. */
const toHeader = (value: string): string => value.replace(NOT_PRINTABLE, encodeURIComponent);

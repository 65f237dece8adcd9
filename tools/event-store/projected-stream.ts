import { status as grpc } from '@grpc/grpc-js';
import { RequestError } from './request.errors.js';
import { NO_REVISION } from './stored-event.js';
import type { StreamView } from './stream-state.js';

/** Streams that the system projections of the real server fill with links. */
const BY_CATEGORY = /^\$(ce|category)-/;
const BY_TYPE = /^\$et($|-)/;
const OTHERS = /^\$(bc-|streams$)/;

/**
 * Throws UNIMPLEMENTED, with an alternative, for a stream that only a projection would fill: a
 * subscriber would wait forever. If someone has written to it, it is an ordinary stream.
 */
export function assertNotProjected(stream: string, view: StreamView): void {
  if (view.revision !== NO_REVISION) return;
  const instead = insteadOf(stream);
  if (instead === undefined) return;
  throw new RequestError(
    grpc.UNIMPLEMENTED,
    `projections are not supported, so nothing fills ${stream}: use ${instead}`,
  );
}

function insteadOf(stream: string): string | undefined {
  if (BY_CATEGORY.test(stream)) return '$all with a filter by stream name';
  if (BY_TYPE.test(stream)) return '$all with a filter by event type';
  return OTHERS.test(stream) ? '$all' : undefined;
}

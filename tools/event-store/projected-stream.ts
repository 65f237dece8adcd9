import { status as grpc } from '@grpc/grpc-js';
import { RequestError } from './request.errors.js';
import { NO_REVISION } from './stored-event.js';
import type { StreamView } from './stream-state.js';

/** What the system projections of the real one fill with links. */
const BY_CATEGORY = /^\$(ce|category)-/;
const BY_TYPE = /^\$et($|-)/;
const OTHERS = /^\$(bc-|streams$)/;

/**
 * Throws UNIMPLEMENTED, with what serves instead, for a stream that only a projection would have filled: whoever follows it
 * would wait for ever. One that somebody has written to is a stream like any other.
 */
export function assertNotProjected(stream: string, view: StreamView): void {
  if (view.revision !== NO_REVISION) return;
  const instead = insteadOf(stream);
  if (instead === undefined) return;
  throw new RequestError(
    grpc.UNIMPLEMENTED,
    `projections are left out, so nothing fills ${stream}: use ${instead}`,
  );
}

function insteadOf(stream: string): string | undefined {
  if (BY_CATEGORY.test(stream)) return '$all with a filter by stream name';
  if (BY_TYPE.test(stream)) return '$all with a filter by event type';
  return OTHERS.test(stream) ? '$all' : undefined;
}

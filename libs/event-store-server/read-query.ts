import { status as grpc } from '@grpc/grpc-js';
import type { EventFilter } from './log-reader.js';
import { streams } from './protocol.js';
import { RequestError } from './request.errors.js';
import { streamNameOf } from './wire.js';

type ReadRequest = InstanceType<typeof streams.ReadReq>;
type Options = NonNullable<ReturnType<ReadRequest['getOptions']>>;

/** Where to begin: a revision of the stream, or a commit position of `$all`. */
export type From = 'start' | 'end' | bigint;

/** A read or a subscription, taken out of its message. */
export interface ReadQuery {
  /** Undefined: `$all`. */
  readonly stream: string | undefined;
  readonly from: From;
  readonly isBackwards: boolean;
  readonly isSubscription: boolean;
  readonly limit: bigint;
  readonly filter: EventFilter | undefined;
}

/** Reads the request; throws `RequestError` for one that makes no sense. */
export function toReadQuery(request: ReadRequest): ReadQuery {
  const options = request.getOptions();
  if (!options) throw new RequestError(grpc.INVALID_ARGUMENT, 'a read needs options');
  const isSubscription = options.hasSubscription();
  const limit = isSubscription ? 0n : BigInt(options.getCount());
  if (!isSubscription && limit <= 0n)
    throw new RequestError(grpc.INVALID_ARGUMENT, 'the count must be positive');
  const stream = options.getStream();
  const name = stream && streamNameOf(stream.getStreamIdentifier());
  if (name === '') throw new RequestError(grpc.INVALID_ARGUMENT, 'the stream has no name');
  return {
    stream: name,
    from: fromOf(options),
    isBackwards: options.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS,
    isSubscription,
    limit,
    filter: filterOf(options),
  };
}

function fromOf(options: Options): From {
  const stream = options.getStream();
  if (stream) {
    if (stream.hasStart()) return 'start';
    return stream.hasEnd() ? 'end' : BigInt(stream.getRevision());
  }
  const all = options.getAll();
  if (!all || all.hasStart()) return 'start';
  return all.hasEnd() ? 'end' : BigInt(all.getPosition()?.getCommitPosition() ?? 0);
}

function filterOf(options: Options): EventFilter | undefined {
  const filter = options.getFilter();
  const byStream = filter?.getStreamIdentifier();
  const expression = byStream ?? filter?.getEventType();
  if (!expression) return undefined;
  const regex = expression.getRegex();
  return {
    on: byStream ? 'stream' : 'type',
    prefixes: expression.getPrefixList(),
    regex: regex === '' ? undefined : regex,
  };
}

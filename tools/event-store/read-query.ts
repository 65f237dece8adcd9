import { status as grpc } from '@grpc/grpc-js';
import type { EventFilter } from './event-filter.js';
import type { IdForm } from './event-response.js';
import { streams } from './protocol.js';
import { invalidRequest, RequestError } from './request.errors.js';
import { toRevision } from './stored-event.js';
import { streamNameOf } from './stream-name.js';

type ReadRequest = InstanceType<typeof streams.ReadReq>;
type Options = NonNullable<ReturnType<ReadRequest['getOptions']>>;

/** Where to start: a revision of the stream, or a commit position of `$all`. */
export type From = 'start' | 'end' | bigint;

/** A read or a subscription, parsed from its message. */
export interface ReadQuery {
  /** Undefined for `$all`. */
  readonly stream: string | undefined;
  readonly from: From;
  readonly isBackwards: boolean;
  readonly isSubscription: boolean;
  readonly limit: bigint;
  readonly filter: EventFilter | undefined;
  /** How many events a filtered subscription examines between two checkpoints. */
  readonly checkpointEvery: number;
  readonly resolvesLinks: boolean;
  readonly idForm: IdForm;
}

const DEFAULT_WINDOW = 32;

/** Parses the request. Throws `RequestError` if it is invalid. */
export function toReadQuery(request: ReadRequest): ReadQuery {
  const options = request.getOptions();
  if (!options) throw invalidRequest('a read needs options');
  const isSubscription = options.hasSubscription();
  const isBackwards = options.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS;
  const from = fromOf(options);
  const limit = isSubscription ? 0n : BigInt(options.getCount());
  // The real server gives no more specific code for these.
  if (!isSubscription && limit <= 0n) throw new RequestError(grpc.UNKNOWN, 'the count must be positive');
  if (!isSubscription && !isBackwards && from === 'end') {
    throw new RequestError(grpc.UNKNOWN, 'cannot read forwards from the end');
  }
  if (isSubscription && isBackwards) {
    throw invalidRequest('a subscription cannot read backwards');
  }
  return {
    stream: options.hasStream() ? streamNameOf(options.getStream()?.getStreamIdentifier()) : undefined,
    from,
    isBackwards,
    isSubscription,
    limit,
    filter: filterOf(options),
    checkpointEvery: checkpointEvery(options),
    resolvesLinks: options.getResolveLinks(),
    idForm: options.getUuidOption()?.hasString() ? 'string' : 'structured',
  };
}

function fromOf(options: Options): From {
  const stream = options.getStream();
  if (stream) {
    if (stream.hasStart()) return 'start';
    return stream.hasEnd() ? 'end' : toRevision(stream.getRevision());
  }
  const all = options.getAll();
  if (!all) throw invalidRequest('a read needs a stream or $all');
  if (all.hasStart()) return 'start';
  return all.hasEnd() ? 'end' : toRevision(all.getPosition()?.getCommitPosition() ?? '0');
}

function filterOf(options: Options): EventFilter | undefined {
  const filter = options.getFilter();
  if (!filter) return undefined;
  const byStream = filter.getStreamIdentifier();
  const expression = byStream ?? filter.getEventType();
  if (!expression) throw invalidRequest('a filter needs an expression');
  const regex = expression.getRegex();
  if ([regex, ...expression.getPrefixList()].some((part) => part.includes('\0'))) {
    throw invalidRequest('a filter must not contain a NUL character');
  }
  return {
    on: byStream ? 'stream' : 'type',
    prefixes: expression.getPrefixList(),
    regex: regex === '' ? undefined : regex,
  };
}

function checkpointEvery(options: Options): number {
  const filter = options.getFilter();
  if (!filter) return 0;
  const window = filter.hasMax() ? filter.getMax() : DEFAULT_WINDOW;
  const windows = filter.getCheckpointintervalmultiplier();
  if (options.hasSubscription() && (window === 0 || windows === 0)) {
    throw invalidRequest('a filter needs a window and a checkpoint interval');
  }
  return window * windows;
}

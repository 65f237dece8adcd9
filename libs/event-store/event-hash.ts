import { hash as hashOf } from 'node:crypto';
import { canonicalJson } from '#libs/core/canonical-json.js';
import type { JsonObject } from '#libs/core/json.js';

/** What a link of the chain is made of: an event at its place, with its data as the store holds it. */
export interface ChainedEvent {
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
  readonly type: string;
  readonly data: JsonObject;
}

/** What stands before the first event of a stream: a hash of its name, so that no stream can pass for another. */
export function genesisHash(stream: string): string {
  return sha256(stream);
}

/**
 * The hash of a stream up to an event: SHA-256, in hex, over the hash up to the event before it and what makes this event.
 * It stands for the whole prefix of the stream, and can be computed for any of them, at any time, from the events alone.
 */
export function eventHash(
  before: string,
  { revision, id, type, data }: Omit<ChainedEvent, 'stream'>,
): string {
  return sha256(`${before}\n${canonicalJson([revision, id, type, data])}`);
}

/**
 * The hash of the stream up to `event`, given that up to the event before it; undefined when that is not known and the
 * event does not say it either. Throws {@link BrokenChainError} when the event says another one than follows.
 */
export function nextLink(
  before: string | undefined,
  event: ChainedEvent,
  recorded?: string,
): string | undefined {
  const known = event.revision === 0 ? genesisHash(event.stream) : before;
  if (known === undefined) return recorded;
  const hash = eventHash(known, event);
  if (recorded !== undefined && recorded !== hash) throw new BrokenChainError(event);
  return hash;
}

/** An event is not the one that was written at its place, or one before it is not: the stream was changed behind the store. */
export class BrokenChainError extends Error {
  override readonly name = 'BrokenChainError';
  constructor({ stream, revision }: Pick<ChainedEvent, 'stream' | 'revision'>) {
    super(`the hash of revision ${revision} of ${stream} does not follow from the events before it`);
  }
}

function sha256(text: string): string {
  return hashOf('sha256', text, 'hex');
}

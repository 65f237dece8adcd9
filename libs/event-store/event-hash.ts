import { hash as hashOf } from 'node:crypto';
import { canonicalJson } from '#libs/core/canonical-json.js';
import type { JsonObject } from '#libs/core/json.js';

/** The input of one link of the hash chain: an event at its revision, with its data as stored. */
export interface ChainedEvent {
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
  readonly type: string;
  readonly data: JsonObject;
}

/**
 * The hash before the first event of a stream: that of its name, so that two streams never share a
 * chain.
 */
export function genesisHash(stream: string): string {
  return sha256(stream);
}

/**
 * The hash of a stream up to an event: SHA-256, in hex, over the previous hash and this event. It
 * covers the whole prefix of the stream, and can be recomputed from the events alone at any time.
 */
export function eventHash(
  before: string,
  { revision, id, type, data }: Omit<ChainedEvent, 'stream'>,
): string {
  return sha256(`${before}\n${canonicalJson([revision, id, type, data])}`);
}

/**
 * The hash of the stream up to `event`, given the previous hash. Without a previous hash, takes the
 * one that the event carries, if any. Throws {@link BrokenChainError} if the event carries a
 * different hash from the computed one.
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

/**
 * An event, or one before it, differs from what was originally written: the stream was changed
 * outside of this program.
 */
export class BrokenChainError extends Error {
  override readonly name = 'BrokenChainError';
  constructor({ stream, revision }: Pick<ChainedEvent, 'stream' | 'revision'>) {
    super(`the hash of revision ${revision} of ${stream} does not follow from the events before it`);
  }
}

function sha256(text: string): string {
  return hashOf('sha256', text, 'hex');
}

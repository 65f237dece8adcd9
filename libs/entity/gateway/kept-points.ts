import { jsonBytes } from '#libs/core/json-bytes.js';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';

const MOST_POINTS = 500;
const MOST_BYTES = 32 * 1024 * 1024;

/** What is known of an entity after an event of its stream. */
export interface Point {
  readonly fold: Fold;
  /** The id of that event, which shows whether the stream is still the same. */
  readonly eventId?: string;
}

interface Kept<P> {
  readonly stream: string;
  readonly point: P;
  readonly bytes: number;
}

/**
 * Points of streams that were read recently, from which the next reader continues. Bounded: those
 * that were not used for longest are dropped.
 */
export class KeptPoints<P extends Point> {
  /** The one that was used last comes last. */
  private readonly kept = new Map<string, Kept<P>>();
  private bytes = 0;

  /** The latest point of a stream among those that are accepted. */
  latest(stream: string, accepts: (fold: Fold) => boolean): P | undefined {
    let best: Kept<P> | undefined;
    for (const one of this.kept.values()) {
      if (one.stream !== stream || !accepts(one.point.fold)) continue;
      if (!best || one.point.fold.revision > best.point.fold.revision) best = one;
    }
    if (best) this.put(best);
    return best?.point;
  }

  /** `extraBytes`: what the point holds besides its fold. */
  keep(stream: string, point: P, extraBytes: number): void {
    this.put({ stream, point, bytes: jsonBytes(point.fold.state) + extraBytes });
    for (const [key, { bytes }] of this.kept) {
      if (this.kept.size <= MOST_POINTS && this.bytes <= MOST_BYTES) return;
      this.kept.delete(key);
      this.bytes -= bytes;
    }
  }

  drop(stream: string): void {
    for (const [key, one] of this.kept) {
      if (one.stream !== stream) continue;
      this.kept.delete(key);
      this.bytes -= one.bytes;
    }
  }

  private put(one: Kept<P>): void {
    const key = `${one.stream} ${one.point.fold.revision}`;
    this.bytes += one.bytes - (this.kept.get(key)?.bytes ?? 0);
    this.kept.delete(key);
    this.kept.set(key, one);
  }
}

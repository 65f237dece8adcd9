import type { Timestamp } from './timestamp.js';

/** What a callback address belongs to. */
export interface CallbackPlace {
  /**
   * Where the address was handed out: the stream of a flow or a saga, a slash, and the place in it.
   */
  readonly place: string;
  /** When the address ceases to be valid. */
  readonly until: Timestamp;
}

const STEP = /^[^/]+\/step /;

/**
 * The place of a step of a saga, without the stream. Each time that somebody asks for the step,
 * from 1, has its own. No step of a flow has a blank in its name.
 */
export function placeOfStep(step: string, asked: number): string {
  return `step ${step}${asked > 1 ? `#${asked}` : ''}`;
}

/** Whether a place is that of a step of a saga, rather than in a flow. */
export function isPlaceOfStep(place: string): boolean {
  return STEP.test(place);
}

/** The stream that a place begins with. */
export function streamOfPlace(place: string): string {
  return place.slice(0, place.indexOf('/'));
}

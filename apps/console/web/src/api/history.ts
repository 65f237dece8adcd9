/** A field that two states of an entity do not share. */
export interface Change {
  /** A JSON pointer. */
  readonly path: string;
  readonly from?: unknown;
  readonly to?: unknown;
}

/** How long a cart may be left alone. */
export interface CartTiming {
  /** Before it is told of. */
  readonly reminderSeconds: number;
  /** Before it ends. */
  readonly expirySeconds: number;
}

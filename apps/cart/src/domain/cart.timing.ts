/** How long a cart may be left alone. */
export interface CartTiming {
  /** Before the reminder. */
  readonly reminderSeconds: number;
  /** Before it expires. */
  readonly expirySeconds: number;
}

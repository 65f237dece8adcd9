/** The sender of a request or of a command on a topic, as its credential proves it. */
export interface Caller {
  readonly tenant: string;
  /** Stored with events as their actor. */
  readonly id: string;
  /** `anonymous` only if access control is off. */
  readonly kind: 'user' | 'service' | 'api-key' | 'anonymous';
  readonly roles: readonly string[];
}

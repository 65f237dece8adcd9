/** The only name and the only address in the servers' certificate: `localhost` is neither. */
export const NAME = 'servers.example';
export const ADDRESS = '127.0.0.1';

/** An account that PostgreSQL and Kafka know. */
export const USER = 'secured';
export const PASSWORD = 'not-for-logs';

/** Where the servers listen. */
export interface SecuredPorts {
  readonly temporal: number;
  readonly eventStore: number;
  readonly postgres: number;
  /** For clients with a certificate. */
  readonly kafka: number;
  /** For clients with a password. */
  readonly login: number;
}

/** The package `perdure-client`: everything that a program outside of this repository may use. */
export { createPerdureClient, PerdureClient, type ClientOptions } from './client.js';
export { CLIENT_CODES, PerdureProblem } from './perdure-problem.js';
export type { EntityClient } from './entity-client.js';
export type { AnyContracts, Contracts } from './contracts.js';
export type * from './client.types.js';

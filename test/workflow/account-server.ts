import { resolve } from 'node:path';
import { type TimeSkippingOptions, TimeSkippingServer } from '#libs/testing/time-skipping-server.js';
import { accountDecider } from '../../apps/account/src/domain/account.decider.js';

/** The bundle made by the build, which `npm test` runs first. */
export const accountBundle = resolve('dist/apps/account/workflows.bundle.js');

/** A time-skipping server with accounts on it. */
export function accountServer(options: Partial<TimeSkippingOptions> = {}): TimeSkippingServer {
  return new TimeSkippingServer({ deciders: [accountDecider], workflowBundle: accountBundle, ...options });
}

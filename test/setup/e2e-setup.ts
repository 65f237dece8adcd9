import { openServices } from '#libs/dev-stack/test-stack.js';

/** Nobody wants to wait a minute for a lost saga to be found. */
process.env['SAGA_QUIET_SECONDS'] ??= '4';

export default openServices;

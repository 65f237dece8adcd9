import { openServices } from '#libs/dev-stack/test-stack.js';

/** Nobody wants to wait a minute for a lost saga to be found. */
process.env['SWEEP_PATIENCE_SECONDS'] ??= '4';

export default openServices;

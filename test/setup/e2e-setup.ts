import { openServices } from '#tools/dev-stack/test-stack.js';

/** Nobody wants to wait a minute for a lost saga to be found. */
process.env['SWEEP_PATIENCE_SECONDS'] ??= '4';

/** Nor five for a step to be overdue. */
process.env['SAGA_OVERDUE_SECONDS'] ??= '3';

/** Scenarios play in the year 2100. */
process.env['CLOCK_TOLERANCE_SECONDS'] ??= '3155760000';

/** What a test has broken is healed by that test alone. */
process.env['RECONCILE_SECONDS'] ??= '0';

export default openServices;

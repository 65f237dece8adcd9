import { openServices } from '#tools/dev-stack/test-stack.js';

/** Otherwise a lost saga is found after a minute. */
process.env['SWEEP_PATIENCE_SECONDS'] ??= '4';

/** Otherwise a step is overdue after five minutes. */
process.env['SAGA_OVERDUE_SECONDS'] ??= '3';

/** Scenarios run in the year 2100. */
process.env['CLOCK_TOLERANCE_SECONDS'] ??= '3155760000';

/** Only the test that breaks something heals it. */
process.env['RECONCILE_SECONDS'] ??= '0';

export default openServices;

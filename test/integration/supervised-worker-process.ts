// A supervised worker in its own process, with little patience. Prints its state at each change.
// Arguments: the task queue, and the file of a workflow bundle.
import { pino } from 'pino';
import { startWorker } from '#libs/runtime/start-worker.js';

const [taskQueue = '', workflowBundle = ''] = process.argv.slice(2);
const host = startWorker({
  address: process.env['TEMPORAL_ADDRESS'] ?? '',
  namespace: 'default',
  taskQueue,
  workflowBundle,
  activities: {},
  logger: pino({ level: 'silent' }),
  patience: { lookEvery: 200, poll: 600_000, step: 3_000, end: 3_000 },
  onGivenUp: (worker) => {
    process.stdout.write(`failed: ${worker.status().lastFailure?.reason}\n`);
    process.exit(70);
  },
});

let said = '';
setInterval(() => {
  const { state } = host.status();
  if (state !== said) process.stdout.write(`${(said = state)}\n`);
}, 20);

// A plain worker for the bare workflows, with the defaults of the SDK.
import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { BARE_QUEUE } from './messages.js';

const connection = await NativeConnection.connect({ address: process.env['TEMPORAL_ADDRESS'] as string });
const worker = await Worker.create({
  connection,
  taskQueue: BARE_QUEUE,
  workflowsPath: fileURLToPath(new URL('workflows.js', import.meta.url)),
});
console.log('ready');
await worker.run();
await connection.close();

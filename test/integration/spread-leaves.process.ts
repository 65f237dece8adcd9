// The leaves of spreads in a process of their own, to be killed: it gets the address of Temporal,
// the blob store, and a file to which it writes the number of each item that it handles.
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { NativeConnection, Worker } from '@temporalio/worker';
import { openBlobStore } from '#libs/blob/open-blob-store.js';
import { entityInterceptors as interceptors } from '#libs/entity/activities/activities-by-category.js';
import { BatchTurns } from '#libs/flow/leaves/batch-turns.js';
import { leaf } from '#libs/flow/leaves/leaf.js';
import { createLeafActivities } from '#libs/flow/leaves/leaf.activities.js';
import { leavesQueueOf } from '#libs/flow/protocol/spread-messages.js';
import { keepTemporalQuiet } from '#libs/testing/keep-temporal-quiet.js';
import { Collect } from '../workflow/flows/spreading.js';

const [address = '', blobs = '', log = ''] = process.argv.slice(2);

const collect = leaf(
  Collect,
  async (items) => {
    await sleep(10);
    appendFileSync(log, items.map(({ index }) => `${index}\n`).join(''));
    return items.map(({ index }) =>
      index % 10 === 9
        ? { outcome: 'rejected', code: 'TEST.REFUSED', detail: 'the last of ten' }
        : { outcome: 'done', value: String(index) },
    );
  },
  { batch: 5 },
);

/** No item here sends a command. */
const nobody = { execute: async () => [] };
/** Nor does any read events. */
const unread = { read: async function* () {} };

keepTemporalQuiet();
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address }),
  taskQueue: leavesQueueOf('spreading'),
  activities: createLeafActivities(
    { blobs: openBlobStore(blobs), door: nobody, store: unread, turns: new BatchTurns() },
    [collect],
  ),
  interceptors,
  maxHeartbeatThrottleInterval: 1_000,
});
await worker.run();

// A consumer with nothing else in its process: node resting-consumer-process.js <topic>. It prints
// how often its event loop turns each second while one poll lasts, and then a line for each record.
import { performance } from 'node:perf_hooks';
import { openKafka } from './read-path-kit.js';
import { polledAgain } from './polled-again.js';

const [topic = ''] = process.argv.slice(2);
const consumer = openKafka().consume({
  groupId: `${topic}-rest`,
  topics: [topic],
  handle: async () => void process.stdout.write('a record\n'),
});
await polledAgain(consumer);

const loops = (): number => performance.nodeTiming.uvMetricsInfo.loopCount;
const [begun, loopsBefore] = [performance.now(), loops()];
await polledAgain(consumer);
const perSecond = (loops() - loopsBefore) / ((performance.now() - begun) / 1_000);
process.stdout.write(`${perSecond.toFixed(0)}\n`);

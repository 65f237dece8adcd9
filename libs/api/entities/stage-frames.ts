import { isReached, type StageName, STAGES } from '#libs/entity/memory/command-stages.js';
import type { Standing } from './standings.js';

const RETRY_MILLISECONDS = 2_000;
const HEARTBEAT_MILLISECONDS = 15_000;

/**
 * Formats the progress of a command as server-sent events: one for each stage after `told`, in
 * order, when the command reaches it. The data of each event is the whole receipt. Ends after
 * `until`, or after the decision if the command was rejected or failed.
 */
export async function* stageFrames(
  standings: AsyncIterable<Standing>,
  told: StageName | undefined,
  until: StageName,
): AsyncGenerator<string> {
  yield `retry: ${RETRY_MILLISECONDS}\n\n`;
  let next = told === undefined ? 0 : STAGES.indexOf(told) + 1;
  let spokenAt = Date.now();
  for await (const standing of standings) {
    const cameToNothing = standing.receipt.status === 'rejected' || standing.receipt.status === 'failed';
    const end = cameToNothing ? 1 : STAGES.indexOf(until) + 1;
    const reached = STAGES.findLastIndex((name) => isReached(standing.stages, name)) + 1;
    const stages = STAGES.slice(next, Math.min(reached, end));
    if (stages.length > 0) {
      yield stages
        .map((stage) => `id: ${stage}\nevent: ${stage}\ndata: ${JSON.stringify(standing.body)}\n\n`)
        .join('');
      next += stages.length;
      spokenAt = Date.now();
    }
    if (next >= end) return;
    if (Date.now() - spokenAt < HEARTBEAT_MILLISECONDS) continue;
    yield ': still here\n\n';
    spokenAt = Date.now();
  }
}

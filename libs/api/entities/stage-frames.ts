import { isReached, type StageName, STAGES } from '#libs/entity/memory/command-stages.js';
import type { Standing } from './standings.js';

const RETRY_MILLISECONDS = 2_000;
const HEARTBEAT_MILLISECONDS = 15_000;

/**
 * Server-sent events of a receipt: one for each stage after `told`, in order, as the command
 * reaches it, with the whole receipt as data. Ends after `until`, or after the decision of a
 * rejected command.
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

import { status } from '@grpc/grpc-js';
import { type Client, isGrpcServiceError } from '@temporalio/client';
import { msNumberToTs, tsToDate } from '@temporalio/common/lib/time.js';

const YEAR_MILLISECONDS = 366 * 24 * 3_600_000;

/**
 * The times of a schedule from `start` to `end`, both included, as Temporal computes them. `too
 * many` for more than a year, or more times than Temporal lists.
 */
export async function matchingTimes(
  client: Client,
  scheduleId: string,
  { start, end }: { readonly start: Date; readonly end: Date },
): Promise<readonly Date[] | 'too many'> {
  if (end.getTime() - start.getTime() > YEAR_MILLISECONDS) return 'too many';
  const { namespace } = client.options;
  try {
    const { startTime } = await client.workflowService.listScheduleMatchingTimes({
      namespace,
      scheduleId,
      // Temporal lists what is after the start.
      startTime: msNumberToTs(start.getTime() - 1),
      endTime: msNumberToTs(end.getTime()),
    });
    return startTime.map(tsToDate);
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === status.INVALID_ARGUMENT) return 'too many';
    throw error;
  }
}

import { Gauge } from 'prom-client';

/** How often the memory is read. */
const LOOK_MILLISECONDS = 5_000;
/** How many times in a row it has to be too much: a collection of garbage may be due. */
const LOOKS = 3;

const limit = new Gauge({
  name: 'perdure_memory_limit_bytes',
  help: 'Resident memory beyond which this process ends; compare process_resident_memory_bytes',
});

/** Where a watch reads the memory and the time. For tests. */
export interface MemorySource {
  readonly residentBytes: () => number;
  readonly lookMilliseconds?: number;
}

/**
 * Calls `onExceeded` once the resident memory of this process has been beyond its limit for some
 * looks in a row.
 */
export function watchMemory(
  limitBytes: number,
  onExceeded: (residentBytes: number) => void,
  { residentBytes, lookMilliseconds = LOOK_MILLISECONDS }: MemorySource = {
    residentBytes: () => process.memoryUsage.rss(),
  },
): { close(): void } {
  limit.set(limitBytes);
  let beyond = 0;
  const timer = setInterval(() => {
    const resident = residentBytes();
    beyond = resident > limitBytes ? beyond + 1 : 0;
    if (beyond < LOOKS) return;
    clearInterval(timer);
    onExceeded(resident);
  }, lookMilliseconds);
  timer.unref();
  return { close: () => clearInterval(timer) };
}

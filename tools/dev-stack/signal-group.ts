/** Signals a process and its group; that it is gone already is fine. Answers whether anything was there. */
export function killGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch (error) {
    if (isGone(error)) return killOne(pid, signal);
    throw error;
  }
}

/** Signals one process; that it is gone already is fine. Answers whether it was there. */
export function killOne(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  // Not told by its class: a test's realm has an Error of its own.
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ESRCH';
}

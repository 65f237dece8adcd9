/** Signals a process and its group, if they exist. Returns whether anything was there. */
export function killGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch (error) {
    if (isGone(error)) return killOne(pid, signal);
    throw error;
  }
}

/** Signals one process, if it exists. Returns whether it was there. */
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
  // Not `instanceof`: the realm of a test has its own Error.
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ESRCH';
}

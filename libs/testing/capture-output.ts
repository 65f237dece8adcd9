import { jest } from '@jest/globals';

/**
 * Captures what is printed instead of showing it, until `jest.restoreAllMocks()`. Returns a
 * function that gives the text so far.
 */
export function captureOutput(): () => string {
  let shown = '';
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation((text) => {
      shown += String(text);
      return true;
    });
  }
  return () => shown;
}

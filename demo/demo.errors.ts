/** The demo cannot continue. The message is the single line that the user sees. */
export class DemoError extends Error {
  override readonly name = 'DemoError';
}

/** The demo cannot go on; the message is the one line that the user sees. */
export class DemoError extends Error {
  override readonly name = 'DemoError';
}

/** What was asked for cannot be done; the message is the one line that the operator sees. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
}

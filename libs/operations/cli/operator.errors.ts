/** A request that cannot be carried out. The message is the single line that the operator sees. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
}

import { eventually } from '../support/account-rest.js';

/** What a server answers in the end: one that has much to do is asked again. */
export async function answered<T>(ask: () => Promise<T>, milliseconds: number): Promise<T> {
  const tried = await eventually(
    () =>
      ask().then(
        (answer) => ({ answer }),
        () => undefined,
      ),
    Boolean,
    milliseconds,
  );
  return (tried as { answer: T }).answer;
}

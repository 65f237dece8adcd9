import { eventually } from '../support/account-rest.js';

/** The final answer of a server. If it is overloaded, asks again. */
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

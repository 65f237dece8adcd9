/** Runs pieces of work one after the other, in the order of the calls. */
export class OneAtATime {
  private last: Promise<unknown> = Promise.resolve();

  /** The result of the work, after everything before it has ended. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work);
    this.last = result.catch(() => undefined);
    return result;
  }
}

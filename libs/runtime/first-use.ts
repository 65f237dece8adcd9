/**
 * What has to be there before the first use, such as a table. It is made once. After a failed use,
 * the next one makes sure again that it is there, so `make` must be safe to repeat.
 */
export class FirstUse {
  private ready: Promise<void> | undefined;

  constructor(private readonly make: () => Promise<void>) {}

  /** Does something that needs it. Throws what `make` or the work throws. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    this.ready ??= this.make();
    try {
      await this.ready;
      return await work();
    } catch (error) {
      this.ready = undefined;
      throw error;
    }
  }
}

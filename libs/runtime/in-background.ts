/** Work that runs until it is closed. */
export interface Background {
  /** Aborts the signal of the work, and waits for its end. */
  close(): Promise<void>;
}

/** Starts work that ends soon after its signal aborts. It must not throw. */
export function inBackground(work: (signal: AbortSignal) => Promise<void>): Background {
  const stopping = new AbortController();
  const running = work(stopping.signal);
  return {
    close: async () => {
      stopping.abort();
      await running;
    },
  };
}

import type { Timestamp } from '../timestamp.js';
import type { CallbackPlace } from '../callback-place.js';

interface HandedOut {
  /** The text that stands for the address in the data of calls. */
  readonly url: string;
  readonly until: Timestamp;
  /** Stops waiting for the end. */
  readonly close: () => void;
  /** The commands that count as in time once the callback is over. */
  lastInTime?: ReadonlySet<string>;
}

/** The callback addresses that one round of a flow has handed out, by their places. */
export class Callbacks {
  private readonly all = new Map<string, HandedOut>();

  add(place: string, address: Pick<HandedOut, 'url' | 'until' | 'close'>): void {
    this.all.set(place, { ...address });
  }

  /** From now on, ends are refused, apart from those that have arrived by now. */
  end(place: string, arrived: readonly string[] = []): void {
    const address = this.all.get(place);
    if (address) address.lastInTime ??= new Set(arrived);
  }

  /** Whether a command may end a callback. Undefined for a place that has handed none out. */
  standingOf(place: string, commandId: string): 'open' | 'over' | undefined {
    const address = this.all.get(place);
    if (!address) return undefined;
    return address.lastInTime?.has(commandId) === false ? 'over' : 'open';
  }

  /** The addresses for which texts in some data stand, by these texts. */
  addressesIn(data: object): Readonly<Record<string, CallbackPlace>> | undefined {
    if (this.all.size === 0) return undefined;
    const text = JSON.stringify(data);
    const found = [...this.all].filter(([, { url }]) => text.includes(url));
    if (found.length === 0) return undefined;
    return Object.fromEntries(found.map(([place, { url, until }]) => [url, { place, until }]));
  }

  /** Nobody waits for any of them any more. */
  closeAll(): void {
    for (const { close } of this.all.values()) close();
  }
}

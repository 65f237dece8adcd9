import { type Cell, isPivot, type StepOfSaga } from './matrix.js';
import type { Place, Verdict } from './workers-home.js';

/** Where the effects of one saga stop, once or until they are released. */
export class Gate {
  /** Whether the effect of the cell's step is about to be sent, or was. */
  hasCome = false;
  /** Whether the fault of the cell has occurred. */
  isStruck = false;
  private isOpen = false;
  private readonly standing: (() => void)[] = [];

  constructor(
    private readonly cell: Cell,
    /** Awaited before it is sent. */
    private readonly departure: Promise<void>,
  ) {}

  async pass(place: Place, at: StepOfSaga): Promise<Verdict> {
    const { step, isUndoing, fault } = this.cell;
    if (isUndoing && !at.isUndoing && isPivot(at) && place === 'asked') return 'refuse';
    const isOurs = at.step === step && at.isUndoing === isUndoing;
    if (!isOurs || this.isOpen) return 'go';
    this.hasCome = true;
    if (place === 'asked') await this.departure;
    // Another attempt may pass while the first one is blocked.
    if (place !== fault.place && !this.isStruck) return 'go';
    this.isStruck = true;
    this.isOpen = fault.kind !== 'stand';
    if (fault.kind === 'refuse') return 'refuse';
    return new Promise((resolve) => this.standing.push(() => resolve('go')));
  }

  /** Releases everything that is blocked here, and all that comes. */
  open(): void {
    this.isOpen = true;
    for (const goOn of this.standing.splice(0)) goOn();
  }
}

/** An entity to which more is sent than it decides. */
export interface HotEntity {
  readonly stream: string;
  /** When that was noticed last. */
  readonly at: string;
  /** Whether messages to it are refused. */
  readonly isRefused: boolean;
}

const REMEMBERED_MILLISECONDS = 5 * 60_000;
const MOST = 20;

/** Remembers which entities were hot: until they have caught up, at most five minutes. */
export class HotEntities {
  private readonly noticed = new Map<string, HotEntity>();

  constructor(private readonly now: () => number = Date.now) {}

  note(stream: string, isRefused: boolean): void {
    this.noticed.delete(stream);
    this.noticed.set(stream, { stream, at: new Date(this.now()).toISOString(), isRefused });
    const [oldest = ''] = this.noticed.keys();
    if (this.noticed.size > MOST) this.noticed.delete(oldest);
  }

  has(stream: string): boolean {
    return this.list().some((one) => one.stream === stream);
  }

  /** It has caught up. */
  forget(stream: string): void {
    this.noticed.delete(stream);
  }

  list(): readonly HotEntity[] {
    const since = this.now() - REMEMBERED_MILLISECONDS;
    return [...this.noticed.values()].filter(({ at }) => Date.parse(at) >= since);
  }
}

/** Those to which this process has sent. */
export const hotEntities = new HotEntities();

/** More commands than an entity remembers by itself (`RING_SIZE`, which clients do not know). */
const OLD = 1_000;
const RECENT = 200;
/** The share of one account. */
const HOT = 0.8;

/** Something that a client wants of an account, once. */
export interface Wish {
  readonly account: string;
  readonly command: 'deposit' | 'withdraw' | 'place-hold';
  readonly body: Readonly<Record<string, unknown>>;
  /**
   * The idempotency key. It is also part of the events, as their reference or the id of the hold.
   */
  readonly key: string;
}

/** One send of a plan. */
export interface Send {
  readonly wish: Wish;
  readonly kind: 'fresh' | 'recent repeat' | 'old repeat';
  readonly door: 'signal' | 'wait';
  /** The same command is sent twice at the same time, by signal and by update. */
  readonly isTwin: boolean;
  /** The client asks once, and never learns the outcome if there is no answer. */
  readonly isImpatient: boolean;
}

/**
 * This many sends: 30 % repeats, a third of them of commands followed by a thousand others of the
 * same account; 5 % twins; by signal and by update. Most go to one account.
 */
export function planOf(count: number, accounts: readonly string[], random: () => number): readonly Send[] {
  const [hot = ''] = accounts;
  const sends: Send[] = [];
  const wishes: Wish[] = [];
  /**
   * The position of each deposit in the life of the hot account. Other commands may be rejected,
   * and rejections are not remembered permanently.
   */
  const deposits: { readonly wish: Wish; readonly place: number }[] = [];
  let place = 0;
  const upTo = (limit: number): number => Math.floor(random() * limit);
  let repeats = 0;
  let old = 0;
  const send = (wish: Wish, kind: Send['kind']): void => {
    const door = random() < 0.5 ? 'signal' : 'wait';
    sends.push({ wish, kind, door, isTwin: random() < 0.05, isImpatient: random() < 0.1 });
  };
  while (sends.length < count) {
    const isRepeat = random() < 0.3 && wishes.length > 0;
    if (!isRepeat) {
      const account = random() < HOT ? hot : (accounts[1 + upTo(accounts.length - 1)] ?? hot);
      const wish = newWish(account, wishes.length, random);
      wishes.push(wish);
      if (account === hot) place += 1;
      if (account === hot && wish.command === 'deposit') deposits.push({ wish, place });
      send(wish, 'fresh');
      continue;
    }
    repeats += 1;
    const forgotten = deposits.findIndex((one) => one.place > place - OLD);
    const isOld = forgotten > 0 && old < repeats / 3;
    if (isOld) old += 1;
    const recent = wishes.slice(-RECENT);
    const wish = isOld ? deposits[upTo(forgotten)]?.wish : recent[upTo(recent.length)];
    if (wish) send(wish, isOld ? 'old repeat' : 'recent repeat');
  }
  return sends;
}

function newWish(account: string, number: number, random: () => number): Wish {
  const key = `wish-${number}`;
  const amount = 1 + Math.floor(random() * 100);
  const kind = random();
  if (kind < 0.7) return { account, key, command: 'deposit', body: { amount, reference: key } };
  if (kind < 0.9) return { account, key, command: 'withdraw', body: { amount, reference: key } };
  return { account, key, command: 'place-hold', body: { holdId: key, amount, reference: key } };
}

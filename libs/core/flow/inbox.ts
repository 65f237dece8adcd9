import type { Timestamp } from '../timestamp.js';
import type { Message } from './flow.js';
import type { FlowEvent } from './flow.messages.js';
import type { Work } from './flow-host.js';

/**
 * The name under which the end of a child reaches the inbox. No message has a name with a blank.
 */
export function endOfChild(place: string): string {
  return `child ${place}`;
}

/** The name under which the end of a callback reaches the inbox. */
export function endOfCallback(place: string): string {
  return `callback ${place}`;
}

/** Whether a message is the end of a child. */
function isEndOfChild({ name }: Message): boolean {
  return name.startsWith('child ');
}

/** What an event adds to the inbox, if it is a message, or the end of a child or a callback. */
export function messageIn({ type, data }: FlowEvent): Message | undefined {
  const { at } = data;
  switch (type) {
    case 'MessageReceived':
      return { n: data.n, name: data.name, data: data.data, at };
    case 'ChildEnded':
      return { n: data.n, name: endOfChild(data.place), data: data.outcome, at };
    case 'CallbackEnded':
      return { n: data.n, name: endOfCallback(data.place), data: data.outcome, at };
    default:
      return undefined;
  }
}

interface Waiter {
  readonly name: string;
  readonly notAfter: Timestamp | undefined;
  take(message: Message): void;
}

/** The messages that a flow has received and its function has not taken, in their order. */
export class Inbox {
  private readonly messages: Message[] = [];
  private readonly waiters: Waiter[] = [];

  /** What was not taken. */
  get unread(): readonly Message[] {
    return this.messages;
  }

  /** `taken` is called with 1 when a message is taken, and with -1 when it is put back. */
  constructor(private readonly taken: (message: Message, by: 1 | -1) => void = () => undefined) {}

  /** Hands a message to the first that waits for it, or keeps it in its place. */
  add(message: Message): void {
    const first = this.waiters.findIndex((waiter) => matches(waiter, message));
    const [waiter] = first < 0 ? [] : this.waiters.splice(first, 1);
    if (waiter) return this.hand(waiter, message);
    const later = this.messages.findIndex(({ n }) => n > message.n);
    this.messages.splice(later < 0 ? this.messages.length : later, 0, message);
  }

  /** The earliest message of this name that arrived by `notAfter`, if there is one. */
  take(name: string, notAfter?: Timestamp): Message | undefined {
    const index = this.messages.findIndex((message) => matches({ name, notAfter }, message));
    const [message] = index < 0 ? [] : this.messages.splice(index, 1);
    if (message) this.taken(message, 1);
    return message;
  }

  /** Waits for the next message of this name. */
  next(name: string, notAfter?: Timestamp): Work<Message> {
    let handed: Message | undefined;
    let waiter: Waiter | undefined;
    const result = new Promise<Message>((resolve) => {
      const take = (message: Message): void => resolve((handed = message));
      waiter = { name, notAfter, take };
      this.waiters.push(waiter);
    });
    const cancel = (): void => {
      const index = waiter ? this.waiters.indexOf(waiter) : -1;
      if (index >= 0) this.waiters.splice(index, 1);
      if (handed) this.putBack(handed);
    };
    return { result, cancel };
  }

  /** Takes back a message that was handed out and not used. */
  putBack(message: Message): void {
    this.taken(message, -1);
    this.add(message);
  }

  /** Drops the ends of children that nobody can ask for any more. */
  forgetChildren(): void {
    const ends = this.messages.filter(isEndOfChild);
    for (const { name } of ends) this.take(name);
  }

  private hand(waiter: Waiter, message: Message): void {
    this.taken(message, 1);
    waiter.take(message);
  }
}

function matches(
  { name, notAfter }: Pick<Waiter, 'name' | 'notAfter'>,
  message: Pick<Message, 'name' | 'at'>,
): boolean {
  return message.name === name && (notAfter === undefined || message.at <= notAfter);
}

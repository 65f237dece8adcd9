import { AppendLog } from '../append-log.js';

/** A message as one recipient gets it. */
export interface Message {
  readonly messageId: string;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly receivedAt: string;
}

type Entry = Message | { readonly repeat: string };

/**
 * Messages in an append-only file. Like many mail stores, it drops a message whose `Message-ID` the
 * recipient has already got.
 */
export class MailStore {
  private readonly log: AppendLog<Entry>;
  private readonly messages = new Map<string, { readonly message: Message; repeats: number }>();

  constructor(file: string) {
    this.log = new AppendLog(file);
    for (const entry of this.log.found) this.remember(entry);
  }

  take(message: Message): void {
    const id = idOf(message);
    const entry = this.messages.has(id) ? { repeat: id } : message;
    this.log.append(entry);
    this.remember(entry);
  }

  /** The messages of a recipient, or of all, the oldest first. `repeats` counts those dropped. */
  list(to?: string): readonly (Message & { readonly repeats: number })[] {
    return [...this.messages.values()]
      .filter(({ message }) => to === undefined || message.to === to)
      .map(({ message, repeats }) => ({ ...message, repeats }));
  }

  private remember(entry: Entry): void {
    if (!('repeat' in entry)) {
      this.messages.set(idOf(entry), { message: entry, repeats: 0 });
      return;
    }
    const known = this.messages.get(entry.repeat);
    if (known) known.repeats += 1;
  }
}

function idOf({ messageId, to }: Message): string {
  return `${messageId} ${to}`;
}

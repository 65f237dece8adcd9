/** The longest line, in bytes. A row of the longest texts is shorter. */
export const MAX_LINE_BYTES = 8_192;

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BYTE_ORDER_MARK = '\uFEFF';

/** Why a line is not a row. */
export class Fault {
  constructor(
    readonly code: string,
    readonly detail: string,
  ) {}
}

/** A line of a file, with its number from 1: its text, or what is wrong with it. */
export interface Line {
  readonly number: number;
  readonly text: string | Fault;
}

/**
 * Splits a file into its lines, a batch for each part that arrives. Blank lines are left out, but
 * counted. A line that is too long is never kept in memory.
 */
export async function* linesOf(content: AsyncIterable<Uint8Array>): AsyncGenerator<readonly Line[]> {
  const splitter = new LineSplitter();
  for await (const part of content) yield splitter.split(part);
  yield splitter.end();
}

class LineSplitter {
  private readonly decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  private parts: Uint8Array[] = [];
  private bytes = 0;
  private number = 0;

  split(part: Uint8Array): readonly Line[] {
    const lines: Line[] = [];
    let from = 0;
    for (;;) {
      const to = part.indexOf(NEWLINE, from);
      this.add(part.subarray(from, to < 0 ? part.length : to));
      if (to < 0) return lines;
      lines.push(...this.taken());
      from = to + 1;
    }
  }

  end(): readonly Line[] {
    return this.bytes === 0 ? [] : this.taken();
  }

  private add(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    if (this.bytes > MAX_LINE_BYTES) this.parts = [];
    else if (bytes.length > 0) this.parts.push(bytes);
  }

  /** The line that has ended, unless it is blank. */
  private taken(): readonly Line[] {
    const { parts, bytes } = this;
    this.number += 1;
    this.parts = [];
    this.bytes = 0;
    const text = bytes > MAX_LINE_BYTES ? tooLong : this.decoded(parts);
    return typeof text === 'string' && text.trim() === '' ? [] : [{ number: this.number, text }];
  }

  private decoded(parts: readonly Uint8Array[]): string | Fault {
    const [first = new Uint8Array()] = parts;
    const whole = parts.length > 1 ? Buffer.concat(parts) : first;
    try {
      const text = this.decoder.decode(whole.at(-1) === RETURN ? whole.subarray(0, -1) : whole);
      return this.number === 1 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
    } catch {
      return notUtf8;
    }
  }
}

const tooLong = new Fault('ROW.TOO_LONG', `the line has more than ${MAX_LINE_BYTES} bytes`);
const notUtf8 = new Fault('ROW.NOT_UTF8', 'the line is not UTF-8');

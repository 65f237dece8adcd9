import { type FileHandle, open } from 'node:fs/promises';

const BUFFERED_CHARACTERS = 64_000;

/** Values that are kept in a file for a while, one a line of JSON. */
export class Spool<Value> {
  private buffered: string[] = [];
  private characters = 0;

  private constructor(private readonly file: FileHandle) {}

  static async open<Value>(path: string): Promise<Spool<Value>> {
    return new Spool<Value>(await open(path, 'w+'));
  }

  async add(value: Value): Promise<void> {
    const text = `${JSON.stringify(value)}\n`;
    this.buffered.push(text);
    this.characters += text.length;
    if (this.characters >= BUFFERED_CHARACTERS) await this.flush();
  }

  /** What was added, as it was added. */
  async *values(): AsyncGenerator<Value> {
    let rest = '';
    for await (const part of await this.stream('utf8')) {
      const lines = `${rest}${String(part)}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line) as Value;
    }
  }

  /** The content of the file. */
  async *bytes(): AsyncGenerator<Uint8Array> {
    for await (const part of await this.stream()) yield part as Uint8Array;
  }

  close(): Promise<void> {
    return this.file.close();
  }

  private async stream(encoding?: 'utf8') {
    await this.flush();
    return this.file.createReadStream({ start: 0, autoClose: false, ...(encoding && { encoding }) });
  }

  private async flush(): Promise<void> {
    const text = this.buffered.join('');
    this.buffered = [];
    this.characters = 0;
    await this.file.appendFile(text);
  }
}

import { type FileHandle, open } from 'node:fs/promises';
import { jsonLines } from '#libs/runtime/json-lines.js';

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
  values(): AsyncGenerator<Value> {
    return jsonLines<Value>(this.bytes());
  }

  /** The content of the file. */
  async *bytes(): AsyncGenerator<Uint8Array> {
    await this.flush();
    const parts = this.file.createReadStream({ start: 0, autoClose: false });
    for await (const part of parts) yield part as Uint8Array;
  }

  close(): Promise<void> {
    return this.file.close();
  }

  private async flush(): Promise<void> {
    const text = this.buffered.join('');
    this.buffered = [];
    this.characters = 0;
    await this.file.appendFile(text);
  }
}

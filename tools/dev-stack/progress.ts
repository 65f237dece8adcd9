/** A running step, shown with its duration. */
export interface Step {
  /** What it is doing or waiting for now. */
  update(detail: string): void;
  done(detail: string): void;
  failed(detail: string): void;
}

/** Where the stack reports its progress. */
export interface Progress {
  step(name: string): Step;
  /** Prints a separate line. */
  say(line: string): void;
  /** Stops drawing. */
  close(): void;
}

/** For programs that start a stack and want no output. */
export const silentProgress: Progress = {
  step: () => ({ update: () => undefined, done: () => undefined, failed: () => undefined }),
  say: () => undefined,
  close: () => undefined,
};

interface Line {
  readonly name: string;
  readonly started: number;
  detail: string;
  state: 'running' | 'done' | 'failed';
  /** When a plain line was last printed for it. */
  printed: number;
}

interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const silenceMs = 15_000;
const seconds = (since: number) => `${((Date.now() - since) / 1_000).toFixed(1)} s`;

/**
 * On a terminal, lines that are redrawn while steps run. Otherwise, a line for each change, and one
 * every 15 s.
 */
export function terminalProgress(output: Output = process.stdout): Progress {
  return output.isTTY === true ? new DrawnProgress(output) : new PlainProgress(output);
}

class PlainProgress implements Progress {
  private readonly running = new Set<Line>();
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly output: Output) {
    this.timer = setInterval(() => this.breakSilence(), 1_000);
    this.timer.unref();
  }

  step(name: string): Step {
    const line: Line = { name, started: Date.now(), detail: '', state: 'running', printed: Date.now() };
    this.running.add(line);
    const end = (mark: string, detail: string) => {
      this.running.delete(line);
      this.say(`${mark} ${name}: ${detail} (${seconds(line.started)})`);
    };
    return {
      update: (detail) => {
        if (line.detail === detail) return;
        line.detail = detail;
        line.printed = Date.now();
        this.say(`- ${name}: ${detail}`);
      },
      done: (detail) => end('✔', detail),
      failed: (detail) => end('✘', detail),
    };
  }

  say(text: string): void {
    this.output.write(`${text}\n`);
  }

  close(): void {
    clearInterval(this.timer);
  }

  private breakSilence(): void {
    for (const line of this.running) {
      if (Date.now() - line.printed < silenceMs) continue;
      line.printed = Date.now();
      this.say(`- ${line.name}: ${line.detail} … ${seconds(line.started)}`);
    }
  }
}

class DrawnProgress implements Progress {
  private lines: Line[] = [];
  private drawn = 0;
  private frame = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly output: Output) {
    this.timer = setInterval(() => this.draw(), 100);
    this.timer.unref();
  }

  step(name: string): Step {
    const line: Line = { name, started: Date.now(), detail: '', state: 'running', printed: 0 };
    this.lines.push(line);
    const end = (state: Line['state'], detail: string) => {
      line.state = state;
      line.detail = `${detail} (${seconds(line.started)})`;
      this.draw();
    };
    return {
      update: (detail) => (line.detail = detail),
      done: (detail) => end('done', detail),
      failed: (detail) => end('failed', detail),
    };
  }

  say(text: string): void {
    this.erase();
    this.output.write(`${text}\n`);
    this.draw();
  }

  close(): void {
    clearInterval(this.timer);
    this.draw();
    this.lines = [];
    this.drawn = 0;
  }

  private erase(): void {
    if (this.drawn > 0) this.output.write(`\u001B[${this.drawn}A\u001B[0J`);
    this.drawn = 0;
  }

  private draw(): void {
    this.erase();
    this.frame = (this.frame + 1) % frames.length;
    const width = this.output.columns || 80;
    // Finished lines above all running ones never change: they scroll away as plain text.
    while (this.lines[0] && this.lines[0].state !== 'running') {
      this.output.write(`${this.render(this.lines[0], width)}\n`);
      this.lines.shift();
    }
    for (const line of this.lines) this.output.write(`${this.render(line, width)}\n`);
    this.drawn = this.lines.length;
  }

  private render(line: Line, width: number): string {
    const mark = { running: frames[this.frame], done: '✔', failed: '✘' }[line.state];
    const time = line.state === 'running' ? ` … ${seconds(line.started)}` : '';
    const text = `${mark} ${line.name}: ${line.detail}${time}`;
    return text.length < width ? text : `${text.slice(0, width - 2)}…`;
  }
}

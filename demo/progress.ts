import { Presets, SingleBar } from 'cli-progress';

const LINE_EVERY_MILLISECONDS = 5_000;

/** How far a long step is: a bar on a terminal, a line now and then elsewhere. */
export interface Progress {
  start(total: number): void;
  advance(): void;
  stop(): void;
}

/** Progress of a step called `title`, in `unit`s. */
export function createProgress(title: string, unit: string): Progress {
  return process.stdout.isTTY ? barProgress(title, unit) : lineProgress(title, unit);
}

function barProgress(title: string, unit: string): Progress {
  const format = `${title} {bar} {percentage}% · {value}/{total} ${unit} · {eta_formatted} left`;
  const bar = new SingleBar({ format, etaBuffer: 500, hideCursor: true }, Presets.shades_classic);
  return {
    start: (total) => bar.start(total, 0),
    advance: () => bar.increment(),
    stop: () => bar.stop(),
  };
}

function lineProgress(title: string, unit: string): Progress {
  let [total, done, printedAt] = [0, 0, 0];
  const print = (): void => {
    printedAt = Date.now();
    console.log(`${title}: ${done}/${total} ${unit}`);
  };
  return {
    start: (count) => {
      total = count;
      print();
    },
    advance: () => {
      done += 1;
      if (Date.now() - printedAt > LINE_EVERY_MILLISECONDS) print();
    },
    stop: print,
  };
}

import { Presets, SingleBar } from 'cli-progress';

const LINE_EVERY_MILLISECONDS = 5_000;

/** Progress and rate of a long step: a bar on a terminal, otherwise an occasional line. */
export interface Progress {
  /** `done` of them were done before. */
  start(total: number, done?: number): void;
  advance(): void;
  stop(): void;
}

/** Progress of a step called `title`, in `unit`s. */
export function createProgress(title: string, unit: string): Progress {
  return process.stdout.isTTY ? barProgress(title, unit) : lineProgress(title, unit);
}

function barProgress(title: string, unit: string): Progress {
  const format = `${title} {bar} {percentage}% · {value}/{total} ${unit} · {rate}/s · {eta_formatted} left`;
  const bar = new SingleBar({ format, etaBuffer: 500, hideCursor: true }, Presets.shades_classic);
  let rate = rateFrom(0);
  return {
    start: (total, done = 0) => {
      rate = rateFrom(Date.now());
      bar.start(total, done, { rate: '0.0' });
    },
    advance: () => bar.increment(1, { rate: rate() }),
    stop: () => bar.stop(),
  };
}

function lineProgress(title: string, unit: string): Progress {
  let [total, done, printedAt] = [0, 0, 0];
  let rate = rateFrom(0);
  let shown = '0.0';
  const print = (): void => {
    printedAt = Date.now();
    console.log(`${title}: ${done}/${total} ${unit}, ${shown}/s`);
  };
  return {
    start: (count, before = 0) => {
      [total, done] = [count, before];
      rate = rateFrom(Date.now());
      print();
    },
    advance: () => {
      done += 1;
      shown = rate();
      if (Date.now() - printedAt > LINE_EVERY_MILLISECONDS) print();
    },
    stop: print,
  };
}

/** Counts calls, and formats their rate per second. */
function rateFrom(startedAt: number): () => string {
  let count = 0;
  return () => {
    count += 1;
    return (count / Math.max(0.001, (Date.now() - startedAt) / 1_000)).toFixed(1);
  };
}

import { Presets, SingleBar } from 'cli-progress';
import { printLine } from '../cli/print.js';

const LINE_EVERY_MILLISECONDS = 5_000;

/** Progress of filling a view: a bar on a terminal, otherwise an occasional line. */
export interface FillProgress {
  update(done: number, total: number): void;
  stop(): void;
}

/** Shows nothing until the first update. */
export function fillProgress(): FillProgress {
  return process.stdout.isTTY ? barProgress() : lineProgress();
}

function barProgress(): FillProgress {
  const format = 'Filling {bar} {percentage}% · {value}/{total} events · {eta_formatted} left';
  const bar = new SingleBar({ format, etaBuffer: 30, hideCursor: true }, Presets.shades_classic);
  let isStarted = false;
  return {
    update: (done, total) => {
      if (!isStarted) bar.start(total, done);
      isStarted = true;
      bar.setTotal(total);
      bar.update(done);
    },
    stop: () => bar.stop(),
  };
}

function lineProgress(): FillProgress {
  let printedAt = 0;
  let last = '';
  const print = (): void => {
    printedAt = Date.now();
    if (last !== '') printLine(last);
  };
  return {
    update: (done, total) => {
      last = `Filling: ${done}/${total} events`;
      if (Date.now() - printedAt > LINE_EVERY_MILLISECONDS) print();
    },
    stop: print,
  };
}

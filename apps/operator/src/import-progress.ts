import { Presets, SingleBar } from 'cli-progress';
import { printLine } from '#libs/operations/cli/print.js';
import type { ShownImport } from './import.command.js';

const LINE_EVERY_MILLISECONDS = 5_000;

/** Progress of an import: a bar on a terminal, otherwise an occasional line. */
interface ImportProgress {
  update(view: ShownImport): void;
  stop(): void;
}

/** Shows nothing until the number of rows is known. */
export function importProgress(): ImportProgress {
  return process.stdout.isTTY ? barProgress() : lineProgress();
}

function barProgress(): ImportProgress {
  const format = '{status} {bar} {percentage}% · {value}/{total} rows · {eta_formatted} left';
  const bar = new SingleBar({ format, etaBuffer: 30, hideCursor: true }, Presets.shades_classic);
  let isStarted = false;
  return {
    update: ({ status, rows, left }) => {
      if (rows === 0) return;
      if (!isStarted) bar.start(rows, 0, { status });
      isStarted = true;
      bar.update(rows - left, { status });
    },
    stop: () => bar.stop(),
  };
}

function lineProgress(): ImportProgress {
  let printedAt = 0;
  return {
    update: ({ status, rows, left }) => {
      if (Date.now() - printedAt < LINE_EVERY_MILLISECONDS) return;
      printedAt = Date.now();
      printLine(`${status}: ${rows - left}/${rows} rows`);
    },
    stop: () => undefined,
  };
}

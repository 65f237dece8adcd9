import { Presets, SingleBar } from 'cli-progress';
import { handled } from '#libs/core/flow/spread/tally.js';
import type { SpreadProgress } from '#libs/core/flow/spread/spread.js';
import { toMilliseconds } from '#libs/core/timestamp.js';
import { printLine } from '../cli/print.js';

/** Progress of a spread: a bar on a terminal, otherwise a line whenever it changes. */
export interface SpreadBar {
  update(progress: SpreadProgress): void;
  stop(): void;
}

export function spreadBar(): SpreadBar {
  return process.stdout.isTTY ? terminalBar() : lines();
}

function terminalBar(): SpreadBar {
  const format = '{bar} {percentage}% · {words}';
  const bar = new SingleBar({ format, hideCursor: true }, Presets.shades_classic);
  let isStarted = false;
  return {
    update: (progress) => {
      const words = inWords(progress);
      if (!isStarted) bar.start(progress.planned, handled(progress), { words });
      isStarted = true;
      bar.update(handled(progress), { words });
    },
    stop: () => bar.stop(),
  };
}

function lines(): SpreadBar {
  let last = '';
  return {
    update: (progress) => {
      const words = countsInWords(progress);
      if (words !== last) printLine(words);
      last = words;
    },
    stop: () => undefined,
  };
}

function countsInWords(progress: SpreadProgress): string {
  const { planned, rejected, failed, phase } = progress;
  return `${handled(progress)}/${planned} handled, ${rejected} rejected, ${failed} failed, ${phase}`;
}

/** Such as `500/1000 handled, 2 rejected, 0 failed, running, some 40 s left`. */
export function inWords(progress: SpreadProgress, now = Date.now()): string {
  const { left, phase, startedAt } = progress;
  const counts = countsInWords(progress);
  if (phase !== 'running' || handled(progress) === 0) return counts;
  const seconds = ((now - toMilliseconds(startedAt)) / 1_000 / handled(progress)) * left;
  return `${counts}, some ${Math.ceil(seconds)} s left`;
}

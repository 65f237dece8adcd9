import type { RunMessage } from '#tools/dev-stack/jest-run.js';

/** Reports the progress of each project to `npm test`, which runs several at once. */
export default class ProgressReporter {
  onRunStart({ numTotalTestSuites: files }: { readonly numTotalTestSuites: number }): void {
    tell({ kind: 'planned', files });
  }

  onTestFileStart({ path }: { readonly path: string }): void {
    tell({ kind: 'begun', path });
  }

  onTestFileResult({ path }: { readonly path: string }, { perfStats }: Results): void {
    tell({ kind: 'ended', path, seconds: (perfStats.end - perfStats.start) / 1_000 });
  }
}

/** The part of a file's results that is passed on. */
interface Results {
  readonly perfStats: { readonly start: number; readonly end: number };
}

function tell(message: RunMessage): void {
  process.send?.(message);
}

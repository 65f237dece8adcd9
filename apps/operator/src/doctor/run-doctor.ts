import { SingleBar } from 'cli-progress';
import { type OperationsClient, SERVICES } from '../operations-client.js';
import { OperatorError } from '../operator.errors.js';
import { printLine, printTable } from '../print.js';

interface Drift {
  readonly kind: string;
  readonly stream: string;
  readonly where?: string;
  readonly detail: string;
  readonly healed: boolean;
}

interface Report {
  readonly category: string;
  readonly streams: number;
  readonly events: number;
  readonly records: number;
  readonly entities: number;
  readonly live: number;
  readonly views: Readonly<Record<string, number>>;
  readonly drift: number;
  readonly healed: number;
}

type Line =
  | {
      readonly kind: 'progress';
      readonly category: string;
      readonly stage: string;
      readonly done: number;
      readonly of?: number;
    }
  | { readonly kind: 'drift'; readonly drift: Drift }
  | { readonly kind: 'report'; readonly report: Report }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly detail: string };

/** More than anybody reads; the table has the count. */
const MAX_SHOWN = 200;

/** Has every service compare itself, and prints what was found. Resolves to how many differences are left. */
export async function runDoctor(client: OperationsClient, request: object): Promise<number> {
  const bar = new SingleBar({ format: '{category}: {stage} {bar} {value}/{total}', clearOnComplete: true });
  const reports: Report[] = [];
  const found: Drift[] = [];
  bar.start(1, 0, { category: '', stage: '' });
  try {
    for (const service of SERVICES) {
      let isDone = false;
      for await (const line of client.postLines<Line>(service, 'doctor', request)) {
        if (line.kind === 'progress') showProgress(bar, line);
        if (line.kind === 'drift') found.push(line.drift);
        if (line.kind === 'report') reports.push(line.report);
        if (line.kind === 'failed') throw new OperatorError(`${service} cannot go on: ${line.detail}`);
        if (line.kind === 'done') isDone = true;
      }
      if (!isDone) throw new OperatorError(`${service} went away before it had compared all`);
    }
  } finally {
    bar.stop();
  }
  if (reports.length === 0) throw new OperatorError('no service has entities of this kind');
  print(reports, found);
  return found.filter(({ healed }) => !healed).length;
}

function showProgress(
  bar: SingleBar,
  { category, stage, done, of }: Extract<Line, { kind: 'progress' }>,
): void {
  bar.setTotal(of ?? Math.max(done, 1));
  bar.update(done, { category, stage });
}

function print(reports: readonly Report[], found: readonly Drift[]): void {
  printTable(
    ['category', 'streams', 'events', 'on the topic', 'entities', 'running', 'differ', 'healed'],
    reports.map(({ category, streams, events, records, entities, live, drift, healed }) => {
      return [category, streams, events, records, entities, live, drift, healed];
    }),
  );
  printLine();
  const views = reports.flatMap((report) => Object.entries(report.views));
  printTable(['view', 'rows compared'], views);
  printLine();
  if (found.length === 0) return printLine('All is what the streams say.');
  printTable(
    ['', 'kind', 'stream', 'where', 'what'],
    found.slice(0, MAX_SHOWN).map(({ kind, stream, where, detail, healed }) => {
      return [healed ? 'healed' : 'differs', kind, stream, where, detail];
    }),
  );
  if (found.length > MAX_SHOWN) printLine(`… and ${found.length - MAX_SHOWN} more`);
}

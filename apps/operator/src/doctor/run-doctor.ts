import { SingleBar } from 'cli-progress';
import type {
  DoctorDrift,
  DoctorLine,
  DoctorReport,
  DoctorRequest,
} from '#libs/state-proof/doctor.schemas.js';
import { type OperationsClient, SERVICES } from '../operations-client.js';
import { OperatorError } from '../operator.errors.js';
import { printLine, printTable } from '../print.js';

/** More than anybody reads; the table has the count. */
const MAX_SHOWN = 200;

/** Has every service compare itself, and prints what was found. Resolves to how many differences are left. */
export async function runDoctor(client: OperationsClient, request: DoctorRequest): Promise<number> {
  const bar = new SingleBar({ format: '{category}: {stage} {bar} {value}/{total}', clearOnComplete: true });
  const reports: DoctorReport[] = [];
  const found: DoctorDrift[] = [];
  bar.start(1, 0, { category: '', stage: '' });
  try {
    for (const service of SERVICES) {
      let isDone = false;
      for await (const line of client.postLines<DoctorLine>(service, 'doctor', request)) {
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
  if (request.stream !== undefined && found.length === 0 && reports.every(({ entities }) => entities === 0)) {
    throw new OperatorError(`there is no ${request.stream}`);
  }
  print(reports, found);
  return found.filter(({ healed }) => !healed).length;
}

function showProgress(
  bar: SingleBar,
  { category, stage, done, of }: Extract<DoctorLine, { readonly kind: 'progress' }>,
): void {
  bar.setTotal(of ?? Math.max(done, 1));
  bar.update(done, { category, stage });
}

function print(reports: readonly DoctorReport[], found: readonly DoctorDrift[]): void {
  printTable(
    ['category', 'streams', 'events', 'on the topic', 'states', 'entities', 'running', 'differ', 'healed'],
    reports.map(({ category, streams, events, records, states, entities, live, drift, healed }) => {
      return [category, streams, events, records, states, entities, live, drift, healed];
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

import { SingleBar } from 'cli-progress';
import type { DoctorDrift, DoctorLine, DoctorReport, DoctorRequest } from './doctor.schemas.js';
import { SERVICE_NAMES, type ServiceName } from '#contracts/services.js';
import type { OperationsClient } from '../cli/operations-client.js';
import { OperatorError } from '../cli/operator.errors.js';
import { printLine, printTable, printTrouble } from '../cli/print.js';

/** More than anybody reads. The table has the count. */
const MAX_SHOWN = 200;

/** What the services have reported. */
interface Told {
  readonly reports: DoctorReport[];
  readonly found: DoctorDrift[];
  /** Why services did not report everything, a line each. */
  readonly missing: string[];
}

/**
 * Makes every service compare its data, and prints the findings. Resolves to the number of
 * remaining differences. A service that cannot compare its data is reported on a line and sets the
 * exit code to 1, unless another service has all that was requested. Entities that do not answer
 * are reported on a line, and set it to 1 too.
 */
export async function runDoctor(client: OperationsClient, request: DoctorRequest): Promise<number> {
  const bar = new SingleBar({ format: '{category}: {stage} {bar} {value}/{total}', clearOnComplete: true });
  const told: Told = { reports: [], found: [], missing: [] };
  bar.start(1, 0, { category: '', stage: '' });
  try {
    for (const service of SERVICE_NAMES)
      await hear(client.postLines(service, 'doctor', request), service, told, bar);
  } finally {
    bar.stop();
  }
  const { reports, found, missing } = told;
  const isNowhere = found.length === 0 && reports.every(({ entities }) => entities === 0);
  if (reports.length === 0 || (request.stream !== undefined && isNowhere)) throw nothing(request, told);
  print(told);
  const isOfOne = request.stream !== undefined || request.category !== undefined;
  if (!isOfOne) missing.forEach(printTrouble);
  const silent = silentOf(told);
  if (silent > 0)
    printTrouble(`no answer from ${silent} entities that may be running: their state was not compared`);
  return found.filter(({ healed }) => !healed).length;
}

function silentOf({ reports }: Told): number {
  return reports.reduce((sum, { silent }) => sum + silent, 0);
}

function nothing({ stream }: DoctorRequest, { reports, missing }: Told): OperatorError {
  if (missing.length > 0) return new OperatorError([...new Set(missing)].join('\n'));
  return new OperatorError(
    reports.length === 0 ? 'no service has entities of this kind' : `there is no ${stream}`,
  );
}

async function hear(
  lines: AsyncIterable<DoctorLine>,
  service: ServiceName,
  { reports, found, missing }: Told,
  bar: SingleBar,
): Promise<void> {
  try {
    for await (const line of lines) {
      if (line.kind === 'progress') showProgress(bar, line);
      if (line.kind === 'drift') found.push(line.drift);
      if (line.kind === 'report') reports.push(line.report);
      if (line.kind === 'failed') throw new OperatorError(`${service} cannot continue: ${line.detail}`);
      if (line.kind === 'done') return;
    }
    throw new OperatorError(`${service} became unavailable before it had compared everything`);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    missing.push(error.message);
  }
}

function showProgress(
  bar: SingleBar,
  { category, stage, done, of }: Extract<DoctorLine, { readonly kind: 'progress' }>,
): void {
  bar.setTotal(of ?? Math.max(done, 1));
  bar.update(done, { category, stage });
}

function print(told: Told): void {
  const { reports, found, missing } = told;
  const whole = ['category', 'streams', 'events', 'on the topic', 'states'];
  printTable(
    [...whole, 'entities', 'running', 'no answer', 'differ', 'healed'],
    reports.map(({ category, streams, events, records, states, ...of }) => {
      const ofEntities = [of.entities, of.live, of.silent, of.drift, of.healed];
      return [category, streams, events, records, states, ...ofEntities];
    }),
  );
  printLine();
  const views = reports.flatMap((report) => Object.entries(report.views));
  printTable(['view', 'rows compared'], views);
  printLine();
  if (found.length === 0) {
    const all = missing.length === 0 && silentOf(told) === 0 ? 'Everything' : 'All that was compared';
    return printLine(`${all} matches the streams.`);
  }
  printTable(
    ['', 'kind', 'stream', 'where', 'what'],
    found.slice(0, MAX_SHOWN).map(({ kind, stream, where, detail, healed }) => {
      return [healed ? 'healed' : 'differs', kind, stream, where, detail];
    }),
  );
  if (found.length > MAX_SHOWN) printLine(`… and ${found.length - MAX_SHOWN} more`);
}

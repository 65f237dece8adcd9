import { SingleBar } from 'cli-progress';
import type { DoctorDrift, DoctorLine, DoctorReport, DoctorRequest } from './doctor.schemas.js';
import { SERVICE_NAMES, type ServiceName } from '#contracts/services.js';
import type { OperationsClient } from '../cli/operations-client.js';
import { OperatorError } from '../cli/operator.errors.js';
import { printLine, printTable, printTrouble } from '../cli/print.js';

/** More than anybody reads; the table has the count. */
const MAX_SHOWN = 200;

/** What the services have told. */
interface Told {
  readonly reports: DoctorReport[];
  readonly found: DoctorDrift[];
  /** Why services did not tell all, a line each. */
  readonly missing: string[];
}

/**
 * Has every service compare itself, and prints what was found. Resolves to how many differences are left. A service that cannot
 * has a line of its own and makes the exit code 1, unless another one has all that was asked for; entities of which nobody
 * answers have a line and make it 1, too.
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
    printTrouble(`no answer from ${silent} entities that may run: what they believe was not compared`);
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
      if (line.kind === 'failed') throw new OperatorError(`${service} cannot go on: ${line.detail}`);
      if (line.kind === 'done') return;
    }
    throw new OperatorError(`${service} went away before it had compared all`);
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
    const all = missing.length === 0 && silentOf(told) === 0 ? 'All' : 'All that was compared';
    return printLine(`${all} is what the streams say.`);
  }
  printTable(
    ['', 'kind', 'stream', 'where', 'what'],
    found.slice(0, MAX_SHOWN).map(({ kind, stream, where, detail, healed }) => {
      return [healed ? 'healed' : 'differs', kind, stream, where, detail];
    }),
  );
  if (found.length > MAX_SHOWN) printLine(`… and ${found.length - MAX_SHOWN} more`);
}

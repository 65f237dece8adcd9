import { setTimeout as pause } from 'node:timers/promises';
import { Command } from 'commander';
import { AccountClient } from './account-client.js';
import { DemoError } from './demo.errors.js';
import { feed } from './feed.js';
import { createProgress } from './progress.js';
import { accountOf, byCustomer, type DataSet, readPurchases } from './purchases.js';
import { entitiesReader } from './readers/entities.reader.js';
import { rowsReader } from './readers/rows.reader.js';
import { streamsReader } from './readers/streams.reader.js';
import { topicReader } from './readers/topic.reader.js';
import { type ReadTotals, reportTable } from './report.js';
import { sameTotals, type Totals, type TotalsReader } from './totals.js';

const SAMPLE = 'demo/data/CDNOW_sample.txt';
const PATIENCE_MILLISECONDS = 60_000;

interface Options {
  readonly master?: string;
  readonly url: string;
  readonly concurrency: string;
}

async function run({ master, url, concurrency }: Options): Promise<boolean> {
  const parallel = Number(concurrency);
  if (!Number.isInteger(parallel) || parallel < 1)
    throw new DemoError('--concurrency takes a positive integer');
  const dataSet = await readPurchases(master ?? SAMPLE);
  const client = new AccountClient(url);
  const startedAt = Date.now();
  const fed = await feed(client, dataSet, parallel, createProgress('Feeding', 'purchases'));
  const seconds = (Date.now() - startedAt) / 1_000;
  console.log(
    `${fed.commands} commands in ${seconds.toFixed(1)} s (${Math.round(fed.commands / seconds)}/s), ` +
      `${fed.replayed} of them sent by an earlier run.\n`,
  );
  const expected = expectedTotals(dataSet);
  const found: ReadTotals[] = [];
  for (const reader of readers(client, dataSet, parallel)) {
    found.push({ source: reader.source, totals: await readUntil(reader, expected) });
  }
  console.log(`\n${reportTable(expected, fed.free, found)}`);
  return found.every(({ totals }) => sameTotals(totals, expected));
}

function expectedTotals(dataSet: DataSet): Totals {
  const paid = dataSet.purchases.filter(({ cents }) => cents > 0);
  return {
    customers: byCustomer(dataSet).size,
    captures: paid.length,
    captured: paid.reduce((sum, { cents }) => sum + cents, 0),
  };
}

function readers(client: AccountClient, dataSet: DataSet, concurrency: number): readonly TotalsReader[] {
  const accounts = [...byCustomer(dataSet).keys()].map((customer) => accountOf(dataSet, customer));
  const prefix = accountOf(dataSet, '');
  const { env } = process;
  return [
    entitiesReader(client, accounts, concurrency, createProgress('Asking', 'accounts')),
    streamsReader(env['EVENTSTORE_URL'] ?? 'esdb://127.0.0.1:2113?tls=false', prefix),
    topicReader((env['KAFKA_BROKERS'] ?? '127.0.0.1:9092').split(','), prefix),
    rowsReader(env['DATABASE_URL'] ?? 'postgres://perdure:perdure@127.0.0.1:5433/perdure', prefix),
  ];
}

/** The topic and the rows follow the streams a moment later: a reader that finds less is asked again, for a while. */
async function readUntil(reader: TotalsReader, expected: Totals): Promise<Totals> {
  const deadline = Date.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    const totals = await reader.read();
    if (sameTotals(totals, expected) || totals.captured > expected.captured || Date.now() > deadline)
      return totals;
    await pause(1_000);
  }
}

const program = new Command('demo')
  .description('Feeds the CDNOW purchases through REST and adds them up four ways')
  .option('--master <path>', 'the full CDNOW file instead of the sample')
  .option('--url <url>', 'where Perdure is', process.env['PERDURE_URL'] ?? 'http://127.0.0.1:3000')
  .option('--concurrency <n>', 'customers at a time', '64')
  .action(async (options: Options) => {
    try {
      process.exitCode = (await run(options)) ? 0 : 1;
    } catch (error) {
      if (!(error instanceof DemoError)) throw error;
      console.error(error.message);
      process.exitCode = 1;
    }
  });

await program.parseAsync();

import { setTimeout as pause } from 'node:timers/promises';
import { Command } from 'commander';
import { z } from 'zod';
import type { PerdureClient } from '#libs/client/client.js';
import { PerdureProblem } from '#libs/client/perdure-problem.js';
import { readConfig } from '#libs/api/http/read-config.js';
import { databaseOf, databaseVariables } from '#libs/service/database-config.js';
import { eventStoreVariables } from '#libs/service/event-store-config.js';
import { kafkaOf, kafkaVariables } from '#libs/service/kafka-config.js';
import { DemoError } from './demo.errors.js';
import { tokenFor } from '#libs/operations/cli/local-token.js';
import { patientClient } from './patient-client.js';
import { createProgress } from './progress.js';
import { type DataSet, readPurchases, spentByCustomer } from './purchases.js';
import { entitiesReader } from './readers/entities.reader.js';
import { rowsReader } from './readers/rows.reader.js';
import { streamsReader } from './readers/streams.reader.js';
import { topicsReader } from './readers/topics.reader.js';
import { isRight, type ReadTotals, reportTable } from './report.js';
import { prefixOf } from './shelves.js';
import { Shop } from './shop.js';
import { agrees, type Expected, type Totals, type TotalsReader } from './totals.js';

const SAMPLE = 'demo/data/CDNOW_sample.txt';

interface Options {
  readonly master?: string;
  readonly url: string;
  readonly concurrency: string;
  readonly patience: string;
}

async function run({ master, url, concurrency, patience }: Options): Promise<boolean> {
  const parallel = Number(concurrency);
  if (!Number.isInteger(parallel) || parallel < 1)
    throw new DemoError('--concurrency must be a positive integer');
  const dataSet = await readPurchases(master ?? SAMPLE);
  const client = patientClient(url, tokenFor('demo'));
  await shop(client, dataSet, parallel);
  const expected = expectedTotals(dataSet);
  const found: ReadTotals[] = [];
  for (const reader of readers(client, dataSet, parallel)) {
    found.push({ source: reader.source, totals: await readUntil(reader, expected, Number(patience)) });
  }
  console.log(`\n${reportTable(expected, found)}`);
  return found.every(({ totals }) => isRight(totals, expected, found));
}

async function shop(client: PerdureClient, dataSet: DataSet, concurrency: number): Promise<void> {
  const startedAt = Date.now();
  const shopped = await new Shop(client, dataSet, concurrency).shop(createProgress('Shopping', 'purchases'));
  const seconds = (Date.now() - startedAt) / 1_000;
  const free = dataSet.purchases.filter(({ cents }) => cents === 0).length;
  console.log(
    `${shopped.bought} purchases in ${seconds.toFixed(1)} s (${(shopped.bought / seconds).toFixed(1)}/s), ` +
      `${shopped.before} were made by an earlier run; ${free} of all are free and take no hold.\n`,
  );
}

function expectedTotals(dataSet: DataSet): Expected {
  const { purchases } = dataSet;
  const sold = purchases.reduce((sum, { cents }) => sum + cents, 0);
  return {
    customers: spentByCustomer(dataSet).size,
    purchases: purchases.length,
    cds: purchases.reduce((sum, { cds }) => sum + cds, 0),
    sold,
    captured: sold,
  };
}

function readers(client: PerdureClient, dataSet: DataSet, concurrency: number): readonly TotalsReader[] {
  const prefix = prefixOf(dataSet);
  // From the variables of the services, also those of TLS.
  const variables = z.object({ ...eventStoreVariables, ...kafkaVariables, ...databaseVariables });
  const config = readConfig(variables, process.env);
  return [
    entitiesReader(client, dataSet, concurrency, createProgress('Asking', 'entities')),
    streamsReader(config.EVENTSTORE_URL, prefix),
    topicsReader(kafkaOf(config), prefix),
    rowsReader(databaseOf(config), prefix),
  ];
}

/**
 * Topics and rows follow the streams with a short delay, so a reader that finds less is asked again
 * for a while.
 */
async function readUntil(reader: TotalsReader, expected: Expected, seconds: number): Promise<Totals> {
  const deadline = Date.now() + seconds * 1_000;
  for (;;) {
    const totals = await reader.read();
    const isOver = totals.captured > expected.captured || totals.cds > expected.cds;
    if (agrees(totals, expected) || isOver || Date.now() > deadline) return totals;
    await pause(1_000);
  }
}

const program = new Command('demo')
  .description('Buy the CDNOW purchases through REST and add them up in four ways')
  .option('--master <path>', 'the full CDNOW file instead of the sample')
  .option('--url <url>', 'URL of Perdure', process.env['PERDURE_URL'] ?? 'http://127.0.0.1:3000')
  .option('--concurrency <n>', 'purchases at a time', '64')
  .option('--patience <seconds>', 'how long topics and rows may lag', '60')
  .action(async (options: Options) => {
    try {
      process.exitCode = (await run(options)) ? 0 : 1;
    } catch (error) {
      if (!(error instanceof DemoError || error instanceof PerdureProblem)) throw error;
      console.error(error.message);
      // Otherwise the purchases that are under way would continue.
      process.exit(1);
    }
  });

await program.parseAsync();

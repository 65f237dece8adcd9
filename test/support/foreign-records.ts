import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { classpathOf } from '#tools/dev-stack/kafka-launch.js';
import { findKafka } from '#tools/dev-stack/kafka.server.js';
import { silentProgress } from '#tools/dev-stack/progress.js';
import { readSettings } from '#tools/dev-stack/stack-settings.js';

/**
 * A record as Kafka's format allows it, which is more than kafkajs can write. Text stands for its
 * UTF-8.
 */
export interface ForeignRecord {
  readonly key?: string | Buffer | null;
  readonly value?: string | Buffer | null;
  readonly headers?: readonly (readonly [string, string | Buffer | null])[];
  /** A value of this many zeros. */
  readonly zeros?: number;
  /** This many empty headers with different names. */
  readonly moreHeaders?: number;
  readonly timestamp?: number;
}

/** Written together, as one batch. A transaction starts with its first step. */
export interface ForeignStep {
  readonly codec?: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
  readonly transaction?: string;
  readonly ends?: 'commit' | 'abort';
  readonly records?: readonly ForeignRecord[];
}

/** Lets the official Java client write to a partition, step by step. */
export async function writeForeign(
  brokers: readonly string[],
  topic: string,
  partition: number,
  steps: readonly ForeignStep[],
): Promise<void> {
  const { cache } = readSettings(process.cwd(), process.env);
  const kafka = await findKafka(cache, silentProgress.step('Java'), new AbortController().signal);
  const quiet = ['-XX:TieredStopAtLevel=1', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'];
  const program = [...quiet, ...classpathOf(kafka), 'test/support/ForeignRecords.java', brokers.join(',')];
  const child = spawn(kafka.java, program, { stdio: ['pipe', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  for (const step of steps) {
    const records = step.records?.map((record) => encode(record));
    child.stdin.write(`${JSON.stringify({ topic, partition, ...step, records })}\n`);
  }
  child.stdin.end();
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`the Java client ended with ${code}: ${said}`);
}

function encode({ key, value, headers, ...others }: ForeignRecord): object {
  return {
    ...others,
    key: base64(key),
    value: base64(value),
    headers: headers?.map(([name, text]) => [name, base64(text)]),
  };
}

function base64(bytes: string | Buffer | null | undefined): string | null {
  return bytes === null || bytes === undefined ? null : Buffer.from(bytes as string).toString('base64');
}

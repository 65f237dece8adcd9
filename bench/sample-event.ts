import { randomUUID } from 'node:crypto';

/** The data of an event in the benchmark of the store. */
export const sampleData = { amount: 1_250, currency: 'EUR', reference: 'order 4711', note: 'x'.repeat(120) };
export const sampleMetadata = {
  actor: 'bench',
  $correlationId: randomUUID(),
  $causationId: randomUUID(),
};
export const SAMPLE_TYPE = 'Happened';
export const sampleDataBytes = Buffer.from(JSON.stringify(sampleData));
export const sampleMetadataBytes = Buffer.from(JSON.stringify(sampleMetadata));

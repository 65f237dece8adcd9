import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import type { Pool } from 'pg';
import { eventTopicSpec } from '#libs/kafka/event-topic.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import { OperatorsApi } from './operators-api.js';
import { Ledger } from './read-model-kit.js';
import { openKafka, openPool } from './read-path-kit.js';

/**
 * The servers that the tests of a file share, and for each test a ledger with the operators' API on
 * top.
 */
export interface LedgerStage {
  kafka: Kafka;
  pool: Pool;
  ledger: Ledger;
  api: OperatorsApi;
}

/**
 * Registers the hooks that set up and close a stage. Hooks that a file registers earlier run
 * earlier.
 */
export function onLedger(): LedgerStage {
  const stage = {} as LedgerStage;
  beforeAll(() => {
    stage.kafka = openKafka();
    stage.pool = openPool();
  });
  beforeEach(async () => {
    stage.ledger = new Ledger(stage.kafka, stage.pool);
    await stage.kafka.ensureTopics([eventTopicSpec(stage.ledger.category)]);
    stage.api = await OperatorsApi.over(stage.ledger);
  });
  afterEach(async () => {
    await stage.ledger.close();
    await stage.api.close();
  });
  afterAll(async () => {
    await stage.kafka.close();
    await stage.pool.end();
  });
  return stage;
}

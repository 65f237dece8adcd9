import { Kafka, logLevel } from 'kafkajs';

/** Whether a Kafka broker answers at the address and has joined its cluster. */
export async function isKafkaReady(broker: string): Promise<boolean> {
  const kafka = new Kafka({
    brokers: [broker],
    clientId: 'perdure-dev-stack',
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1_000,
    requestTimeout: 2_000,
    retry: { retries: 0 },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const { brokers, controller } = await admin.describeCluster();
    return brokers.length > 0 && controller !== null;
  } catch {
    return false; // not there yet, or not Kafka
  } finally {
    await admin.disconnect().catch(() => undefined); // the connection was never made
  }
}

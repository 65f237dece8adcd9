import { Partitioners } from 'kafkajs';
import { streamName } from '#libs/core/entity-id.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { PARTITIONS } from '#libs/kafka/event-topic.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { faultPlannedFor, idWithFault, type PlannedFault } from '#libs/testing/step-faults.js';
import type { Scenario } from './scenarios.js';

/** A scenario on its own entity, where a fault waits for its command. */
export interface Case {
  readonly scenario: Scenario;
  readonly planned: PlannedFault;
  readonly stream: string;
}

export function caseOf(run: string, scenario: Scenario, planned: PlannedFault): Case {
  const named = (more: string): string =>
    streamName(scenario.category, idWithFault(run, planned, `${scenario.command.type}${more}`));
  if (planned.step !== 'projected') return { scenario, planned, stream: named('') };
  // In a single partition, all of them are in the batch at which a projector is stopped.
  for (let index = 0; ; index += 1) {
    const stream = named(`.${index}`);
    if (partitionOf(stream) === 0) return { scenario, planned, stream };
  }
}

/** The same envelope for every send. */
export function envelopeFor({ scenario, stream }: Case): CommandEnvelope {
  return envelopeOf(scenario.command, `${stream} the command`, { key: stream });
}

/** `Deposit, crash at appended`: the case to which a message refers by its entity. */
export function whereIn(text: string): string {
  const [id = ''] = /run-\d+:\S+/.exec(text) ?? [];
  const planned = faultPlannedFor(id);
  if (!planned) return 'all commands together';
  const name = id.split(':').at(-1)?.replace(/\W.*/, '');
  return `${name}, ${planned.fault} at ${planned.step}`;
}

function partitionOf(key: string): number {
  const partitionMetadata = Array.from({ length: PARTITIONS }, (_, partitionId) => {
    return { partitionId, leader: 1, isr: [1], replicas: [1], partitionErrorCode: 0, offlineReplicas: [] };
  });
  return Partitioners.DefaultPartitioner()({ topic: '', partitionMetadata, message: { key, value: '' } });
}

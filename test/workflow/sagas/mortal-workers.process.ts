// The workers of all three services in one process, to be killed: forked by `MortalWorkers` with
// the address of Temporal.
import { NativeConnection, Worker } from '@temporalio/worker';
import { pino } from 'pino';
import { taskQueueOf } from '#contracts/services.js';
import type { AnyDecider } from '#libs/core/decider.js';
import type { AtStep, Step } from '#libs/core/step.js';
import {
  activitiesByCategory,
  entityInterceptors as interceptors,
} from '#libs/entity/activities/activities-by-category.js';
import { createEntityActivities } from '#libs/entity/activities/entity.activities.js';
import { EffectRefusedError } from '#libs/entity/activities/entity-activities.errors.js';
import type { Call } from '#libs/entity/activities/call-outside.js';
import type { CommandSender } from '#libs/entity/activities/run-effect.js';
import { createEntityGateway } from '#libs/entity/gateway/temporal-entity-gateway.js';
import { callsQueueOf, effectsQueueOf } from '#libs/entity/protocol/task-queues.js';
import { WrongExpectedRevisionError } from '#libs/event-store/event-store.errors.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { createFlowActivities } from '#libs/flow/activities/flow.activities.js';
import { connectTemporal } from '#libs/runtime/temporal-client.js';
import { keepTemporalQuiet } from '#libs/testing/keep-temporal-quiet.js';
import { cardOperationCalls } from '../../../apps/account/src/flows/card-operation.flow.js';
import { CANCEL_FULFILMENT, FULFIL } from '../../../apps/cart/src/domain/checkout.saga.js';
import { home } from './home.js';
import { callbackTokens, services } from './services.js';
import type { Place } from './workers-home.js';

const [address = ''] = process.argv.slice(2);

/** The part of a store that entities need. */
const store = {
  append: async (stream, expected, events) => {
    const answer = await home.append(stream, expected, events);
    if ('revision' in answer) return answer.revision;
    throw new WrongExpectedRevisionError(stream, expected, answer.actual);
  },
  async *read(stream, options) {
    yield* await home.read(stream, options);
  },
} satisfies Partial<EventStore> as Partial<EventStore> as EventStore;

keepTemporalQuiet();
const gateway = createEntityGateway({
  client: connectTemporal({ address, namespace: 'default' }),
  store,
  deciders: {},
});

async function ask(effectId: string): Promise<void> {
  if ((await home.pass('asked', effectId)) === 'refuse') {
    throw new EffectRefusedError('TEST.REFUSED', 'by the test');
  }
}

/** The outcome of an effect, or the answer to it. */
const REPLY = /\/reply$/;

const sender: CommandSender = {
  execute: async (stream, envelopes, waitMilliseconds) => {
    for (const { commandId } of envelopes) await ask(commandId.replace(REPLY, ''));
    const receipts = await gateway.execute(stream, envelopes, waitMilliseconds);
    for (const { commandId, status } of receipts) {
      if (status !== 'pending') await home.pass('answered', commandId.replace(REPLY, ''));
    }
    return receipts;
  },
};

function calling(name: string): Call {
  return async (data, effectId) => {
    await ask(effectId);
    const result = await home.call(name, data);
    await home.pass('answered', effectId);
    return result;
  };
}

const placesOfSend: Partial<Record<Step, Place>> = {
  received: 'received',
  decided: 'decided',
  appended: 'appended',
};
const placesOfReply: Partial<Record<Step, Place>> = { received: 'received', appended: 'recorded' };

const atStep: AtStep = async (step, passing) => {
  for (const id of passing.flatMap(({ commandIds }) => commandIds)) {
    const place = (REPLY.test(id) ? placesOfReply : placesOfSend)[step];
    if (place) await home.pass(place, id.replace(REPLY, ''));
  }
};

const cardCalls = Object.fromEntries(
  Object.keys(cardOperationCalls).map((name): [string, Call] => [name, (data) => home.call(name, data)]),
);
const flowActivities = createFlowActivities({ sender, gateway, store, calls: cardCalls });
const calls = { [FULFIL]: calling(FULFIL), [CANCEL_FULFILMENT]: calling(CANCEL_FULFILMENT) };
const logger = pino({ level: 'silent' });

function activitiesOf(deciders: readonly AnyDecider[]) {
  const callbackUrl = callbackTokens.sign.bind(callbackTokens);
  const outside = { sender, calls, callbackUrl };
  const dependencies = { ...outside, store, logger, atStep, clockToleranceMilliseconds: Infinity };
  const all = deciders.map((decider) => {
    return [decider.name, createEntityActivities({ ...dependencies, decider })] as const;
  });
  return activitiesByCategory(Object.fromEntries(all));
}

const connection = await NativeConnection.connect({ address });
const workers = await Promise.all(
  services.flatMap(({ deciders, workflowBundle }) => {
    const taskQueue = taskQueueOf(deciders[0].name);
    const activities = { ...activitiesOf(deciders), ...flowActivities };
    const shared = { connection, activities, interceptors, maxConcurrentActivityTaskExecutions: 500 };
    return [
      Worker.create({
        ...shared,
        taskQueue,
        workflowBundle: { codePath: workflowBundle },
        // As in production: a killed worker's entities are taken over as soon as its workflow tasks
        // are.
        stickyQueueScheduleToStartTimeout: '3s',
        maxCachedWorkflows: 300,
        maxConcurrentLocalActivityExecutions: 500,
        maxConcurrentWorkflowTaskExecutions: 100,
      }),
      Worker.create({ ...shared, taskQueue: effectsQueueOf(taskQueue) }),
      Worker.create({ ...shared, taskQueue: callsQueueOf(taskQueue) }),
    ];
  }),
);
process.send?.('ready');
await Promise.all(workers.map((worker) => worker.run()));

import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { streamName } from '#libs/core/entity-id.js';
import { flowDecider } from '#libs/core/flow/flow.decider.js';
import type { JsonObject } from '#libs/core/json.js';
import type { Outcome } from '#libs/core/outcome.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { DAY } from '#libs/testing/moments.js';
import { outcomeIn } from '#libs/testing/outcome-in.js';
import { TimeSkippingServer } from '#libs/testing/time-skipping-server.js';
import { approvalDecider } from '../../apps/desk/src/domain/approval.decider.js';
import { eventually } from '../support/account-rest.js';
import { ANSWER_SECONDS, contentHash, outingDecider, wishDecider } from './asking.js';

const PATIENCE_MILLISECONDS = 20_000;

/** Requests that are held on their way, by the stream that sends them. */
const held = new Map<string, Promise<void>>();
const server = new TimeSkippingServer({
  deciders: [
    approvalDecider,
    outingDecider,
    wishDecider,
    flowDecider({ name: 'probe', messages: ['Note', 'Go'] }),
  ],
  workflowBundle: resolve('dist/test/workflow/flows/workflows.bundle.js'),
  calls: {},
  wrap: (activities) => ({
    ...activities,
    tryEffect: async () => ({}),
    runEffect: async (request) => {
      if (request.effect.echo === 'do') await held.get(request.stream);
      return activities.runEffect(request);
    },
  }),
});
beforeAll(() => server.open());
afterAll(() => server.close());

async function tell(stream: string, type: string, data: JsonObject, more: object = {}): Promise<Outcome> {
  const command = { type, data, at: await server.moment(), ...more };
  const envelope = envelopeOf(command, `${stream} ${type} ${randomUUID()}`);
  return outcomeIn(await server.gateway.execute(stream, [envelope], PATIENCE_MILLISECONDS));
}

const typesOf = (stream: string) => server.store.eventsOf(stream).map(({ type }) => type);

async function written(stream: string, type: string): Promise<readonly string[]> {
  const types = await eventually(
    async () => typesOf(stream),
    (all) => all.includes(type),
    PATIENCE_MILLISECONDS,
    20,
  );
  return types;
}

/** A saga that asks an approval or a flow. */
class Outing {
  readonly id = randomUUID();
  readonly stream = streamName('outing', randomUUID());
  readonly asked: string;

  constructor(private readonly ask: 'approval' | 'flow' = 'approval') {
    this.asked = streamName(ask === 'flow' ? 'probe' : 'approval', this.id);
  }

  /** Begins, with a deadline that is later than the saga's limit. */
  async begin(script = 'two'): Promise<void> {
    const { ask, id } = this;
    const deadline = await server.moment(3 * ANSWER_SECONDS * 1_000);
    expect(await tell(this.stream, 'Start', { ask, id, deadline, script })).toMatchObject({
      status: 'accepted',
    });
  }

  async untilAsked(): Promise<void> {
    await written(this.asked, this.ask === 'flow' ? 'FlowStarted' : 'ApprovalRequested');
  }

  approve(): Promise<Outcome> {
    return tell(this.asked, 'Approve', { contentHash }, { actor: 'tom', roles: [] });
  }

  /** The cause for which it was compensated. */
  get cause(): unknown {
    const events = server.store.eventsOf(this.stream);
    return events.find(({ type }) => type === 'SagaCompensated')?.data['cause'];
  }
}

describe('a saga that waits for an approval', () => {
  it('continues once it is approved', async () => {
    const outing = new Outing();
    await outing.begin();
    await outing.untilAsked();
    expect(typesOf(outing.stream)).toEqual(['SagaStarted', 'StepStarted']);
    await outing.approve();
    await written(outing.stream, 'SagaCompleted');
    const [request] = server.store.eventsOf(outing.asked);
    const answer = server.store.eventsOf(outing.stream).find(({ type }) => type === 'StepSucceeded');
    expect(answer?.metadata).toMatchObject({
      commandId: `${request?.metadata.commandId}/reply`,
      actor: outing.asked,
    });
  });

  it('is compensated with the reason of a rejection', async () => {
    const outing = new Outing();
    await outing.begin();
    await outing.untilAsked();
    await tell(outing.asked, 'Reject', { reason: 'too dear' }, { actor: 'tom', roles: [] });
    await written(outing.stream, 'SagaCompensated');
    expect(outing.cause).toEqual({ code: 'APPROVAL.REFUSED', detail: 'too dear' });
  });

  it('is overdue, then compensated, if nobody decides', async () => {
    const outing = new Outing();
    await outing.begin();
    await outing.untilAsked();
    await server.skip((ANSWER_SECONDS + 1) * 1_000);
    await written(outing.stream, 'StepOverdue');
    await server.skip(3 * DAY * 1_000);
    await written(outing.stream, 'SagaCompensated');
    expect(typesOf(outing.asked)).toEqual(['ApprovalRequested', 'ApprovalRefused']);
  });

  it('takes no answer from anybody else', async () => {
    const outing = new Outing();
    await outing.begin();
    await outing.untilAsked();
    const answer = { key: 'ask', status: 'done', attempts: 1, result: {}, echo: 'do' };
    const stranger = { sender: streamName('approval', randomUUID()) };
    expect(await tell(outing.stream, 'RecordStep', answer, stranger)).toMatchObject({
      code: 'SAGA.NOT_ASKED',
    });
    await outing.approve();
    await written(outing.stream, 'SagaCompleted');
  });

  /** A saga that was cancelled while it waited, once it has ended. */
  async function cancelled(): Promise<Outing> {
    const outing = new Outing();
    await outing.begin();
    await outing.untilAsked();
    await tell(outing.stream, 'Cancel', { reason: 'rain' });
    await written(outing.stream, 'SagaCompensated');
    return outing;
  }

  it('withdraws the request when it is cancelled', async () => {
    const outing = await cancelled();
    expect(typesOf(outing.asked)).toEqual(['ApprovalRequested', 'ApprovalWithdrawn']);
    expect(await outing.approve()).toMatchObject({ code: 'APPROVAL.ENDED' });
  });

  it('withdraws a request that is still on its way when it is cancelled', async () => {
    const outing = new Outing();
    let release!: () => void;
    held.set(outing.stream, new Promise((open) => (release = open)));
    await outing.begin();
    await tell(outing.stream, 'Cancel', { reason: 'rain' });
    // Another one is cancelled and ends: long enough for the withdrawal to arrive, if it was sent.
    await cancelled();
    expect(typesOf(outing.asked)).toEqual([]);
    release();
    await written(outing.stream, 'SagaCompensated');
    expect(typesOf(outing.asked)).toEqual(['ApprovalRequested', 'ApprovalWithdrawn']);
  });

  it('hears the answer although its workflow was lost in between', async () => {
    const outing = new Outing();
    await outing.begin();
    await outing.untilAsked();
    await server.client.workflow.getHandle(outing.stream).terminate('lost');
    await outing.approve();
    await written(outing.stream, 'SagaCompleted');
    expect(typesOf(outing.asked).filter((type) => type === 'ApprovalRequested')).toHaveLength(1);
  });
});

describe('a saga that has a flow run', () => {
  it('continues when the flow is completed', async () => {
    const outing = new Outing('flow');
    await outing.begin('two');
    await outing.untilAsked();
    expect(typesOf(outing.stream)).toEqual(['SagaStarted', 'StepStarted']);
    for (const text of ['a', 'b']) await tell(outing.asked, 'Note', { text });
    await written(outing.stream, 'SagaCompleted');
  });

  it('is compensated with the code of a flow that fails', async () => {
    const outing = new Outing('flow');
    await outing.begin('fail');
    await written(outing.stream, 'SagaCompensated');
    expect(outing.cause).toEqual({ code: 'PROBE.GAVE_UP', detail: 'as it should' });
  });

  it('has the flow cancelled when it is cancelled itself', async () => {
    const outing = new Outing('flow');
    await outing.begin('two');
    await outing.untilAsked();
    await tell(outing.stream, 'Cancel', { reason: 'rain' });
    await written(outing.stream, 'SagaCompensated');
    expect(typesOf(outing.asked).at(-1)).toBe('FlowCancelled');
  });
});

it('an ordinary entity hears what was approved, from the approval that it asked', async () => {
  const id = randomUUID();
  const stream = streamName('wish', randomUUID());
  const approval = streamName('approval', id);
  await tell(stream, 'Ask', { id, deadline: await server.moment(DAY * 1_000) });
  await written(approval, 'ApprovalRequested');
  const forged = { outcome: 'approved', approval: { contentHash } };
  const stranger = { sender: streamName('approval', randomUUID()) };
  expect(await tell(stream, 'Hear', forged, stranger)).toMatchObject({ code: 'WISH.NOT_ASKED' });
  expect(await tell(stream, 'Hear', forged)).toMatchObject({ code: 'WISH.NOT_ASKED' });
  await tell(approval, 'Approve', { contentHash }, { actor: 'tom', roles: [] });
  await written(stream, 'Heard');
  expect(server.store.eventsOf(stream).at(-1)?.data).toEqual({
    outcome: 'approved',
    approval: { id, contentHash, by: ['tom'] },
  });
});

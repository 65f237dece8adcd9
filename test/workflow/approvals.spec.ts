import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { streamName } from '#libs/core/entity-id.js';
import { flowDecider } from '#libs/core/flow/flow.decider.js';
import type { Outcome } from '#libs/core/outcome.js';
import type { EntityInput } from '#libs/entity/protocol/entity-messages.js';
import { envelopeOf, type TestCommand } from '#libs/testing/command-envelope.builder.js';
import { historyOf } from '#libs/testing/history.js';
import { DAY, moment } from '#libs/testing/moments.js';
import { TimeSkippingServer } from '#libs/testing/time-skipping-server.js';
import { approvalDecider } from '../../apps/desk/src/domain/approval.decider.js';
import { contentHash, requested } from '../../apps/desk/src/domain/approval.fixture.js';
import { eventually } from '../support/account-rest.js';
import { ProbeDriver } from './flows/probe-server.js';

jest.setTimeout(120_000);

const PATIENCE_MILLISECONDS = 20_000;

const server = new TimeSkippingServer({
  deciders: [approvalDecider, flowDecider({ name: 'probe', messages: ['Note', 'Go'] })],
  workflowBundle: resolve('dist/test/workflow/flows/workflows.bundle.js'),
  calls: {},
});
beforeAll(() => server.open());
afterAll(() => server.close());

const approve = { type: 'Approve', data: { contentHash } };
const reject = { type: 'Reject', data: { reason: 'too dear' } };

/** An approval with a history, on which callers decide. */
class Approval {
  readonly stream: string;
  private sent = 0;

  constructor(readonly id: string = randomUUID()) {
    this.stream = streamName('approval', id);
  }

  static async requested(more: Parameters<typeof requested>[0] = {}): Promise<Approval> {
    const approval = new Approval();
    await server.store.append(approval.stream, -1, historyOf(approval.stream, [requested(more)]));
    return approval;
  }

  by(actor: string, command: TestCommand, name = `command ${(this.sent += 1)}`) {
    return envelopeOf({ ...command, actor, roles: [] }, `${this.stream} ${name}`);
  }

  async decide(envelope: ReturnType<typeof this.by>): Promise<Outcome> {
    const [outcome] = await server.gateway.execute(this.stream, [envelope], PATIENCE_MILLISECONDS);
    if (!outcome || outcome.status === 'pending') throw new Error('it was not decided in time');
    return outcome;
  }

  get types(): readonly string[] {
    return server.store.eventsOf(this.stream).map(({ type }) => type);
  }
}

describe('decisions that race', () => {
  it('of which one is needed: one counts, the other finds it ended', async () => {
    const approval = await Approval.requested();
    const outcomes = await Promise.all([
      approval.decide(approval.by('tom', approve)),
      approval.decide(approval.by('ute', approve)),
    ]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['accepted', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ code: 'APPROVAL.ENDED' });
    expect(approval.types).toEqual(['ApprovalRequested', 'ApprovalGiven', 'ApprovalGranted']);
  });

  it('of which two are needed: both count, and it is granted once', async () => {
    const approval = await Approval.requested({ needed: 2 });
    const outcomes = await Promise.all([
      approval.decide(approval.by('tom', approve)),
      approval.decide(approval.by('ute', approve)),
    ]);
    expect(outcomes).toMatchObject([{ status: 'accepted' }, { status: 'accepted' }]);
    expect(approval.types.filter((type) => type === 'ApprovalGranted')).toHaveLength(1);
  });

  it('for and against: the first one stands', async () => {
    const approval = await Approval.requested();
    const outcomes = await Promise.all([
      approval.decide(approval.by('tom', approve)),
      approval.decide(approval.by('ute', reject)),
    ]);
    const [first, second] = outcomes[0]?.status === 'accepted' ? outcomes : outcomes.toReversed();
    expect([first, second]).toMatchObject([{ status: 'accepted' }, { code: 'APPROVAL.ENDED' }]);
    const ends = approval.types.filter((type) => /Granted|Refused/.test(type));
    expect(ends).toHaveLength(1);
  });

  it('and a repeat: it gets the outcome of the first attempt', async () => {
    const approval = await Approval.requested({ needed: 2 });
    const envelope = approval.by('tom', approve);
    const [first, again] = await Promise.all([approval.decide(envelope), approval.decide(envelope)]);
    expect(again).toMatchObject({ status: 'accepted', revision: first.revision });
    expect(await approval.decide(envelope)).toMatchObject({ status: 'accepted', revision: first.revision });
    expect(approval.types).toEqual(['ApprovalRequested', 'ApprovalGiven']);
  });

  it('and one after the deadline: silence has refused', async () => {
    const approval = await Approval.requested({ needed: 2 });
    await approval.decide(approval.by('tom', approve));
    const late = { ...approve, at: moment(3 * DAY) };
    expect(await approval.decide(approval.by('ute', late))).toMatchObject({ code: 'APPROVAL.ENDED' });
    expect(approval.types.slice(1)).toEqual(['ApprovalGiven', 'ApprovalRefused']);
  });

  it('and one across continue-as-new: each person counts once', async () => {
    const approval = await Approval.requested({ needed: 3 });
    const args: [EntityInput] = [{ stream: approval.stream, messagesPerRun: 1 }];
    await server.client.workflow.start('approval', { workflowId: approval.stream, taskQueue: 'desk', args });
    const first = approval.by('tom', approve);
    const outcome = await approval.decide(first);
    const claims = ['Claim', 'Unclaim', 'Claim', 'Unclaim'];
    for (const type of claims) await approval.decide(approval.by('ute', { type, data: {} }));
    expect(await approval.decide(first)).toMatchObject({ status: 'accepted', revision: outcome.revision });
    expect(await approval.decide(approval.by('tom', approve))).toMatchObject({
      code: 'APPROVAL.ALREADY_DECIDED',
    });
    expect(approval.types.filter((type) => type === 'ApprovalGiven')).toHaveLength(1);
    const { runId } = await server.client.workflow.getHandle(approval.stream).describe();
    const { firstExecutionRunId } = await server.client.workflow
      .getHandle(approval.stream)
      .fetchHistory()
      .then(({ events }) => events?.[0]?.workflowExecutionStartedEventAttributes ?? {});
    expect(runId).not.toBe(firstExecutionRunId);
  });
});

describe('a flow that waits for an approval', () => {
  async function waiting(deadline: string) {
    const probe = new ProbeDriver(server);
    const approval = new Approval();
    await probe.start('approval', { id: approval.id, deadline });
    await eventually(
      async () => approval.types,
      ([first]) => first !== undefined,
    );
    return { probe, approval };
  }

  it('is told who approved what', async () => {
    const { probe, approval } = await waiting(await server.moment(DAY * 1_000));
    const { data } = server.store.eventsOf(approval.stream)[0] ?? {};
    // The flow acts for the caller who started it.
    expect(data).toMatchObject({ requester: 'test:someone', requestedBy: probe.stream });
    const hash = (data as { contentHash?: string }).contentHash ?? '';
    const seen = { type: 'Approve', data: { contentHash: hash }, at: await server.moment() };
    await approval.decide(approval.by('tom', seen));
    const { result } = (await probe.ended()) as { result?: object };
    expect(result).toEqual({
      outcome: 'approved',
      approval: { id: approval.id, contentHash: hash, by: ['tom'] },
    });
  });

  it('is told that nobody decided, by an approval that nobody sent anything', async () => {
    const { probe, approval } = await waiting(await server.moment(DAY * 1_000));
    await server.skip(2 * DAY * 1_000);
    const { result } = (await probe.ended()) as { result?: object };
    expect(result).toMatchObject({ outcome: 'refused', approval: { by: [] } });
    expect(approval.types).toEqual(['ApprovalRequested', 'ApprovalRefused']);
  });
});

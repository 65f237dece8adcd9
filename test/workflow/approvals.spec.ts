import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
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
import { ApprovalLinks } from '../../apps/desk/src/links/approval-links.js';
import { type ApprovalLink, LinkTokens } from '../../apps/desk/src/links/link-tokens.js';
import { eventually } from '../support/account-rest.js';
import { ProbeDriver } from './flows/probe-server.js';

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

describe('links', () => {
  const tokens = new LinkTokens(['s'.repeat(32)]);
  const addressOf = async (_: string, person: string) =>
    person === 'gone' ? undefined : `${person}@example.com`;
  let links: ApprovalLinks;
  beforeAll(() => {
    links = new ApprovalLinks(tokens, addressOf, server.gateway);
  });

  /** A token of a mail about an approval, and what its link is answered. */
  function mailed({ stream }: Approval, person: string, more: Partial<ApprovalLink> = {}) {
    const expiresAt = Date.parse('2200-01-01T00:00:00Z') / 1_000;
    const nonce = person.padEnd(22, '0');
    return tokens.sign({ stream, person, choice: 'approve', contentHash, expiresAt, nonce, ...more });
  }
  interface Answer {
    readonly status?: string;
    readonly code?: string;
    readonly isReplayed?: string | undefined;
  }
  const follow = (token: string): Promise<Answer> =>
    links.follow(token).then(
      ({ body, headers }) => ({ ...(body as Outcome), isReplayed: headers['idempotent-replayed'] }),
      ({ code }: { code: string }) => ({ code }),
    );

  it('of two people at the same time: one counts, the other finds it ended', async () => {
    const approval = await Approval.requested();
    const answers = await Promise.all([
      follow(mailed(approval, 'tom')),
      follow(mailed(approval, 'ute', { choice: 'reject' })),
    ]);
    expect(answers.filter((answer) => answer.code === undefined)).toMatchObject([{ status: 'accepted' }]);
    expect(answers.filter((answer) => answer.code !== undefined)).toMatchObject([{ code: 'APPROVAL.ENDED' }]);
    expect(approval.types.filter((type) => /Granted|Refused/.test(type))).toHaveLength(1);
  });

  it('used twice at the same time: one decision, and one outcome for both', async () => {
    const approval = await Approval.requested({ needed: 2 });
    const token = mailed(approval, 'tom');
    const [first, again] = await Promise.all([follow(token), follow(token)]);
    expect(first).toMatchObject({ status: 'accepted' });
    expect({ ...again, isReplayed: undefined }).toEqual({ ...first, isReplayed: undefined });
    expect(approval.types).toEqual(['ApprovalRequested', 'ApprovalGiven']);
  });

  it('used again: the first outcome, and the other link of the mail is refused', async () => {
    const approval = await Approval.requested({ needed: 2 });
    const first = await follow(mailed(approval, 'tom'));
    expect(await follow(mailed(approval, 'tom'))).toEqual({ ...first, isReplayed: 'true' });
    expect(await follow(mailed(approval, 'tom', { choice: 'reject' }))).toMatchObject({
      code: 'IDEMPOTENCY.KEY_REUSED',
    });
    expect(await follow(mailed(approval, 'tom', { nonce: 'another'.padEnd(22, '0') }))).toMatchObject({
      code: 'APPROVAL.ALREADY_DECIDED',
    });
    expect(approval.types).toEqual(['ApprovalRequested', 'ApprovalGiven']);
  });

  it('and a decision of the same person by the API at the same time: one of them counts', async () => {
    const approval = await Approval.requested({ needed: 2 });
    const [byLink, byApi] = await Promise.all([
      follow(mailed(approval, 'tom')),
      approval.decide(approval.by('tom', approve)),
    ]);
    const codes = [byLink.code, 'code' in byApi ? byApi.code : undefined];
    expect(codes.toSorted()).toEqual(['APPROVAL.ALREADY_DECIDED', undefined]);
    expect(approval.types).toEqual(['ApprovalRequested', 'ApprovalGiven']);
  });

  it('after the deadline: silence has refused', async () => {
    const approval = await Approval.requested({ deadline: moment() });
    expect(await follow(mailed(approval, 'tom'))).toMatchObject({ code: 'APPROVAL.ENDED' });
    expect(approval.types).toEqual(['ApprovalRequested', 'ApprovalRefused']);
  });

  it.each([
    ['its requester', 'alice', {}, 'APPROVAL.OWN_REQUEST'],
    ['a stranger', 'eve', {}, 'APPROVAL.NOT_REQUESTED'],
    ['somebody who has left', 'gone', {}, 'APPROVAL_LINK.INVALID'],
    ['a candidate, once it has expired', 'tom', { expiresAt: 1 }, 'APPROVAL_LINK.INVALID'],
    ['a candidate, for another content', 'tom', { contentHash: '0'.repeat(64) }, 'APPROVAL.CONTENT_MISMATCH'],
  ] as const)('of %s: refused', async (_, person, more, code) => {
    const approval = await Approval.requested();
    expect(await follow(mailed(approval, person, more))).toMatchObject({ code });
    expect(approval.types).toEqual(['ApprovalRequested']);
  });

  it('for an approval with the same id in another tenant: that one is decided, and no other', async () => {
    const approval = await Approval.requested();
    const stream = streamName('approval', approval.id, 'acme');
    await server.store.append(stream, -1, historyOf(stream, [requested()]));
    expect(await follow(mailed(approval, 'tom', { stream }))).toMatchObject({ status: 'accepted' });
    expect(approval.types).toEqual(['ApprovalRequested']);
    expect(server.store.eventsOf(stream)).toHaveLength(3);
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

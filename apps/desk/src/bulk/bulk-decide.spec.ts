import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import type { ApprovalCommand, ApprovalEvent } from '#contracts/approval/approval.contract.js';
import { AccessControl } from '#libs/api/http/access-control.provider.js';
import { createHttpApp } from '#libs/api/http/http-app.js';
import { RequestLog } from '#libs/api/http/problem.filter.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { UnavailableError } from '#libs/core/problems.js';
import { isRejection } from '#libs/core/rejection.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import { Authenticator } from '#libs/identity/authenticator.js';
import type { Caller } from '#libs/identity/caller.js';
import { decideApproval } from '../domain/approval.decide.js';
import { evolveApproval } from '../domain/approval.evolve.js';
import { contentHash, otherHash, requested, withdrawn } from '../domain/approval.fixture.js';
import { type ApprovalState, initialApproval, takesPart } from '../domain/approval.state.js';
import { BulkDecideController } from './bulk-decide.controller.js';
import { BulkDecisions } from './bulk-decisions.js';

const logger = pino({ level: 'silent' });
const url = '/v1/approvals/bulk-decide';

/** The caller of every request. */
class Tom extends Authenticator {
  async authenticate(): Promise<Caller> {
    return { tenant: 'default', id: 'tom', kind: 'user', roles: ['supervisor'] };
  }
}

const histories: Readonly<Record<string, readonly ApprovalEvent[]>> = {
  'a-1': [requested()],
  'a-2': [requested({ candidates: ['role:supervisor'] })],
  ended: [requested(), withdrawn('alice')],
  own: [requested({ requester: 'tom' })],
  others: [requested({ candidates: ['user:ute'] })],
  late: [requested({ deadline: '2020-01-01T00:00:00.000Z' })],
};
const stateOf = (stream: string): ApprovalState => {
  const events = histories[stream.slice('approval-default.'.length)] ?? [];
  return events.reduce(evolveApproval, initialApproval);
};

let sent: CommandEnvelope[];
const tom = { id: 'tom', roles: ['supervisor'] };

/** Decides like an entity, and writes nothing. */
const gateway = {
  state: async (stream: string) => {
    if (stream.endsWith('.away')) throw new UnavailableError('temporal');
    const state = stateOf(stream);
    return takesPart(state, tom) ? { revision: 0, state: state as never } : undefined;
  },
  send: async (_: string, envelopes: readonly CommandEnvelope[]) => void sent.push(...envelopes),
  execute: async (stream: string, [envelope]: readonly CommandEnvelope[]) => {
    if (!envelope) throw new TypeError('there is no command');
    if (stream.endsWith('.away')) throw new UnavailableError('temporal');
    sent.push(envelope);
    const { type, data, commandId, actor, roles = [] } = envelope;
    const at = toTimestamp(Date.now());
    const seen = takesPart(stateOf(stream), tom) ? stateOf(stream) : initialApproval;
    const decision = decideApproval({ type, data, at, actor, roles } as ApprovalCommand, seen);
    const outcome = { commandId, revision: 1, at, actor };
    return isRejection(decision)
      ? [{ ...outcome, status: 'rejected' as const, code: decision.code, detail: decision.detail }]
      : [{ ...outcome, status: 'accepted' as const, events: decision.map((event) => event.type) }];
  },
};

let app: NestFastifyApplication;
beforeAll(async () => {
  class BulkModule {}
  const providers = [
    { provide: Authenticator, useValue: new Tom() },
    { provide: RequestLog, useValue: { logger } },
    { provide: BulkDecisions, useValue: new BulkDecisions(gateway, logger) },
    AccessControl,
  ];
  app = await createHttpApp({ module: BulkModule, controllers: [BulkDecideController], providers }, logger);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
});
afterAll(() => app.close());
beforeEach(() => {
  sent = [];
});

async function decide(body: object, headers: Record<string, string> = {}) {
  const reply = await app.inject({ method: 'POST', url, payload: body, headers });
  return { status: reply.statusCode, body: reply.json<{ data: Record<string, unknown>[] }>() };
}

const item = (id: string, more: object = {}) => ({ id, decision: 'approve', contentHash, ...more });
const all = [
  item('a-1'),
  item('a-2', { decision: 'reject', reason: 'too dear' }),
  item('ended'),
  item('own'),
  item('others'),
  item('none'),
  item('away'),
];

describe('many decisions', () => {
  it('have an outcome each, and none stops the others', async () => {
    const { status, body } = await decide({ items: all });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      dryRun: false,
      data: [
        { id: 'a-1', status: 'accepted', events: ['ApprovalGiven', 'ApprovalGranted'], revision: 1 },
        { id: 'a-2', status: 'accepted', events: ['ApprovalRefused'] },
        { id: 'ended', status: 'rejected', code: 'APPROVAL.ENDED' },
        { id: 'own', status: 'rejected', code: 'APPROVAL.OWN_REQUEST' },
        { id: 'others', status: 'rejected', code: 'APPROVAL.NOT_REQUESTED' },
        { id: 'none', status: 'rejected', code: 'APPROVAL.NOT_REQUESTED' },
        { id: 'away', status: 'failed', code: 'ENGINE.UNAVAILABLE' },
      ],
    });
    expect(sent).toHaveLength(6);
    for (const one of sent) {
      expect(one).toMatchObject({ actor: 'tom', onlyFor: 'tom', roles: ['supervisor'] });
    }
  });

  it('are only told about in a dry run, as they would come out', async () => {
    const { body } = await decide({ items: all, dryRun: true });
    expect(sent).toEqual([]);
    const real = await decide({ items: all });
    const short = ({ id, status, code }: Record<string, unknown>) => [id, status, code];
    expect(body.data.map(short)).toEqual(real.body.data.map(short));
  });

  it('name the content that was seen, refusals too', async () => {
    const items = (['approve', 'reject'] as const).map((decision) =>
      item('a-1', { decision, contentHash: otherHash }),
    );
    for (const dryRun of [true, false]) {
      const { body } = await decide({ items, dryRun });
      const codes = body.data.map(({ code }) => code);
      expect(codes).toEqual(Array(2).fill('APPROVAL.CONTENT_MISMATCH'));
    }
  });

  it('after the deadline are told about as the refusal that silence was', async () => {
    const { body } = await decide({ items: [item('late')], dryRun: true });
    expect(body.data).toMatchObject([{ status: 'rejected', code: 'APPROVAL.ENDED' }]);
  });

  it('share a key that is another one in each approval, and the same at a retry', async () => {
    const items = [item('a-1'), item('a-2')];
    for (let attempt = 0; attempt < 2; attempt += 1) await decide({ items }, { 'idempotency-key': 'k-1' });
    const keys = sent.map(({ keyId }) => keyId);
    expect(new Set(keys).size).toBe(2);
    expect(keys.slice(2).toSorted()).toEqual(keys.slice(0, 2).toSorted());
  });

  it('are only made durable once there is no time left to wait', async () => {
    const started = Date.now();
    let asked = 0;
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => started + 1_000 * (asked += 1));
    const { body } = await decide({ items: [item('a-1')] }, { prefer: 'wait=1' });
    clock.mockRestore();
    expect(body.data).toMatchObject([{ id: 'a-1', status: 'pending', commandId: sent[0]?.commandId }]);
  });

  it.each([
    ['no items', { items: [] }],
    ['101 items', { items: Array.from({ length: 101 }, (_, index) => item(`a-${index}`)) }],
    ['an item without a hash', { items: [item('a-1'), { id: 'a-2', decision: 'approve' }] }],
    ['another decision', { items: [item('a-1', { decision: 'withdraw' })] }],
  ])('are refused as a whole with %s', async (_, body) => {
    expect(await decide(body)).toMatchObject({ status: 422, body: { code: 'REQUEST.INVALID_BODY' } });
    expect(sent).toEqual([]);
  });
});

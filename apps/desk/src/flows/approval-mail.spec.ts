import { describe, expect, it } from '@jest/globals';
import type { ApprovalEvent } from '#contracts/approval/approval.contract.js';
import type { JsonObject } from '#libs/core/json.js';
import { playFlow } from '#libs/testing/played-flow.js';
import { delegated, given, requested, withdrawn } from '../domain/approval.fixture.js';
import { evolveApproval } from '../domain/approval.evolve.js';
import { initialApproval } from '../domain/approval.state.js';
import { approvalMailCalls, mailLinks } from './approval-mail.flow.js';

const people = ['user:tom', 'user:ute'];
const refused = (code: string) => ({ status: 'refused', code, detail: 'no' }) as const;

async function play(
  events: readonly ApprovalEvent[],
  answerTo: (person: unknown) => JsonObject = () => ({}),
) {
  const mails: JsonObject[] = [];
  const state = events.reduce(evolveApproval, initialApproval);
  const { end } = await playFlow(
    { main: mailLinks, policies: approvalMailCalls, input: { approval: 'a-1', people } },
    {
      calls: { 'mail-links': (mail) => (mails.push(mail), answerTo(mail['person'])) as never },
      states: events.length > 0 ? { 'approval-default.a-1': state as unknown as JsonObject } : {},
    },
  );
  return { end, asked: mails.map(({ person }) => person), mails };
}

const completed = (sent: number, unknown = 0, failed = 0) => {
  return { status: 'completed', result: { sent, unknown, failed } };
};

describe('the mails of an approval', () => {
  it('go to each who may decide', async () => {
    const { end, asked, mails } = await play([requested()]);
    expect([end, asked]).toEqual([completed(2), people]);
    expect(mails[0]).toMatchObject({ approval: 'a-1', subject: 'Order o-7', requester: 'alice' });
  });

  it('hold no link and no token, because Temporal stores what a flow passes on', async () => {
    const { mails } = await play([requested()]);
    expect(JSON.stringify(mails)).not.toMatch(/http|token|nonce/);
  });

  it('do not go to those who have decided, have delegated or are no candidates', async () => {
    expect((await play([requested({ needed: 2 }), given('tom')])).asked).toEqual(['user:ute']);
    expect((await play([requested(), delegated('ute', 'bob')])).asked).toEqual(['user:tom']);
    expect((await play([requested({ candidates: ['user:ute'] })])).asked).toEqual(['user:ute']);
  });

  it('are not sent once it has ended, or if there is none', async () => {
    expect(await play([requested(), withdrawn('alice')])).toMatchObject({ end: completed(0), asked: [] });
    expect(await play([])).toMatchObject({ end: completed(0), asked: [] });
  });

  it('are counted if they cannot be sent, and fail neither the flow nor each other', async () => {
    const noAddress = (person: unknown) => (person === 'user:tom' ? refused('MAIL.NO_ADDRESS') : {});
    expect((await play([requested()], noAddress)).end).toEqual(completed(1, 1));
    expect((await play([requested()], () => refused('MAIL.REFUSED'))).end).toEqual(completed(0, 0, 2));
  });
});

import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { authorized } from '#libs/testing/authorized.js';
import { command, insist, request, type Reply } from '../support/account-rest.js';

const url = (): string => String(process.env['PERDURE_URL']);

let id: string;
beforeAll(async () => {
  id = `receipt-${randomUUID()}`;
  await insist(url(), id, 'open', 'open', { owner: 'Receipt', currency: 'EUR' }, { prefer: 'wait=20' });
});

async function receiptOf(reply: Reply, query = '', headers = {}): Promise<Reply> {
  return request(`${url()}${reply.headers.get('location')}${query}`, { headers });
}

const view = (name: string) => ({ view: name, state: 'done', at: expect.any(String) });

describe('a receipt', () => {
  it('shows all stages of a command, with times in order', async () => {
    const sent = await command(url(), id, 'deposit', { amount: 5 });
    const { headers, body } = await receiptOf(sent, '?until=projected', { prefer: 'wait=30' });
    expect(headers.get('preference-applied')).toBe('wait=30');
    expect(headers.get('consistency-token')).toBe(`account-default.${id}@${String(body['revision'])}`);
    const stages = body['stages'] as Record<string, { at: string }> & { projected: { at: string }[] };
    expect(stages).toMatchObject({
      accepted: { state: 'done' },
      decided: { state: 'done', outcome: 'accepted' },
      appended: { state: 'done', revision: body['revision'] },
      relayed: { state: 'done', topic: 'perdure.account.events.v1', offset: expect.stringMatching(/^\d+$/) },
    });
    const { accepted, decided, appended } = stages;
    expect([accepted, decided, appended].map((stage) => stage?.at)).toEqual(
      [accepted, decided, appended].map((stage) => stage?.at).sort(),
    );
    expect(body['actor']).toBe('test');
    expect(stages.projected).toEqual(expect.arrayContaining([view('accounts'), view('statement')]));
  });

  it('of a rejected command ends at its decision', async () => {
    const sent = await command(url(), id, 'withdraw', { amount: 1_000_000 });
    const { body } = await receiptOf(sent, '?until=projected', { prefer: 'wait=20' });
    expect(body).toMatchObject({
      status: 'rejected',
      stages: {
        accepted: { state: 'done', at: expect.any(String) },
        decided: { outcome: 'rejected', code: 'ACCOUNT.INSUFFICIENT_FUNDS', at: expect.any(String) },
        appended: { state: 'never' },
      },
    });
  });

  it('is a feed of stages on request, and tells a client that returns that it has ended', async () => {
    const sent = await command(url(), id, 'deposit', { amount: 5 });
    const address = `${url()}${sent.headers.get('location')}`;
    const accept = 'text/event-stream';
    const text = await (await fetch(address, { headers: { ...authorized(), accept } })).text();
    const events = [...text.matchAll(/^event: (\w+)$/gm)].map(([, event]) => event);
    expect(events).toEqual(['decided', 'appended', 'relayed', 'projected']);
    const again = await fetch(address, {
      headers: { ...authorized(), accept, 'last-event-id': 'projected' },
    });
    expect(again.status).toBe(204);
  });

  it.each([
    ['?until=never', {}, 'REQUEST.INVALID_QUERY'],
    ['', { accept: 'text/event-stream', 'last-event-id': '3' }, 'REQUEST.INVALID_HEADER'],
  ])('with %j %j is refused', async (query, headers, code) => {
    const sent = await command(url(), id, 'deposit', { amount: 5 });
    expect(await receiptOf(sent, query, headers)).toMatchObject({ status: 400, body: { code } });
  });

  it('of another or an unknown account is not found', async () => {
    const sent = await command(url(), id, 'deposit', { amount: 5 });
    const other = `receipt-${randomUUID()}`;
    const path = `/v1/accounts/${other}/commands/${String(sent.body['commandId'])}`;
    for (const accept of ['application/json', 'text/event-stream']) {
      const reply = await request(`${url()}${path}`, { headers: { accept } });
      expect(reply).toMatchObject({ status: 404, body: { code: 'COMMAND.NOT_FOUND' } });
    }
  });
});

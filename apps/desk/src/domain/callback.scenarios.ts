import { describe } from '@jest/globals';
import { callbackContract } from '#contracts/callback/callback.contract.js';
import { scenariosOn } from '#libs/testing/scenario.js';
import type { Stage } from '#libs/testing/stage.js';
import {
  answer,
  assigned,
  awaited,
  claimed,
  discarded,
  flow,
  other,
  payload,
  reason,
  received,
  redelivered,
  refused,
  refusedForNow,
  stopped,
} from './callback.fixture.js';
import { MAX_MESSAGES, MAX_WAITERS } from './callback.state.js';

/** Every rule of a callback, as scenarios that any stage can run. */
export function callbackScenarios(stage: Stage): void {
  const { given, command, it } = scenariosOn(stage, callbackContract);
  const receive = (n: number, body: object = payload) =>
    command('Receive', { provider: 'card', webhookId: `w-${n}`, payload: body as typeof payload });
  const from = (sender: string, takes: 'one' | 'all' = 'one') => ({
    ...command('Wait', { takes, answer }),
    actor: sender,
    sender,
  });
  const stop = (sender: string) => ({ ...command('StopWaiting', {}), actor: sender, sender });
  const of = (n: number) => ({ key: 'deliver', attempts: 1, echo: String(n) });
  const taken = (n: number) => command('RecordDelivery', { ...of(n), status: 'done', result: {} });
  const notTaken = (n: number, code = 'FLOW.ENDED') =>
    command('RecordDelivery', { ...of(n), status: 'refused', code, detail: 'no' });
  const redeliver = (n: number) => command('Redeliver', { n, reason });
  const discard = (n: number) => command('Discard', { n, reason });
  const all = { takes: 'all' } as const;

  describe('for which nobody waits', () => {
    it('keeps a message', () => given().when(receive(1)).then(received(1)));

    it('numbers its messages', () => given(received(1)).when(receive(2)).then(received(2)));

    it('uses no number again after a message was discarded', () =>
      given(received(1), discarded(1)).when(receive(2)).then(received(2)));

    it('holds no more than 100 messages', () => {
      const full = Array.from({ length: MAX_MESSAGES }, (_, index) => received(index + 1));
      return given(...full)
        .when(receive(MAX_MESSAGES + 1))
        .thenRejected('CALLBACK.FULL');
    });

    it('holds no more than 512 KB', () => {
      const large = { text: 'x'.repeat(60_000) };
      const full = Array.from({ length: 8 }, (_, index) => received(index + 1, { payload: large }));
      return given(...full)
        .when(receive(9, large))
        .thenRejected('CALLBACK.FULL');
    });
  });

  describe('for which somebody waits', () => {
    it('delivers the message', () => given(awaited()).when(receive(1)).then(received(1), assigned(1)));

    it('delivers to the earliest', () =>
      given(awaited(other), awaited(flow)).when(receive(1)).then(received(1), assigned(1, other)));

    it('delivers one message to who takes one, and the next to the next', () =>
      given(awaited(flow), awaited(other), received(1), assigned(1, flow))
        .when(receive(2))
        .then(received(2), assigned(2, other)));

    it('delivers all messages to who takes all', () =>
      given(awaited(flow, all), awaited(other), received(1), assigned(1), claimed(1))
        .when(receive(2))
        .then(received(2), assigned(2, flow)));

    it('lets nobody wait twice', () =>
      given(awaited()).when(from(flow)).thenRejected('CALLBACK.ALREADY_WAITING'));

    it('lets at most 100 wait', () => {
      const full = Array.from({ length: MAX_WAITERS }, (_, index) => awaited(`order-default.${index}`));
      return given(...full)
        .when(from(flow))
        .thenRejected('CALLBACK.WAITERS_LIMIT');
    });

    it('delivers nothing to who waits no longer', async () => {
      await given(awaited()).when(stop(flow)).then(stopped());
      await given(awaited(), stopped()).when(receive(1)).then(received(1));
    });

    it('does not stop who does not wait', () =>
      given(awaited(other)).when(stop(flow)).thenRejected('CALLBACK.NOT_WAITING'));
  });

  describe('whose message came first', () => {
    it('delivers it to who begins to wait', () =>
      given(received(1)).when(from(flow)).then(awaited(), assigned(1)));

    it('delivers one of several to who takes one', () =>
      given(received(1), received(2)).when(from(flow)).then(awaited(), assigned(1)));

    it('delivers all of them to who takes all', () =>
      given(received(1), received(2))
        .when(from(flow, 'all'))
        .then(awaited(flow, all), assigned(1), assigned(2)));

    it('does not deliver what is being delivered, or was', () =>
      given(
        awaited(other, all),
        received(1),
        assigned(1, other),
        received(2),
        assigned(2, other),
        claimed(2, other),
      )
        .when(from(flow, 'all'))
        .then(awaited(flow, all)));

    it('tells only entities and flows', () =>
      given(received(1))
        .when(command('Wait', { takes: 'one', answer }))
        .thenRejected('CALLBACK.NOBODY_TO_TELL'));
  });

  describe('that delivers', () => {
    const delivering = [awaited(), received(1), assigned(1)] as const;

    it('records that the message was taken', () =>
      given(...delivering)
        .when(taken(1))
        .then(claimed(1)));

    it('has the message unclaimed again if it is refused', async () => {
      await given(...delivering)
        .when(notTaken(1))
        .then(refused(1));
      await given(...delivering, refused(1))
        .when(from(other))
        .then(awaited(other), assigned(1, other));
    });

    it('delivers what was refused to the next who waits', () =>
      given(...delivering, awaited(other))
        .when(notTaken(1))
        .then(refused(1), assigned(1, other)));

    it('delivers no more to who takes all, and has refused one for good', () =>
      given(awaited(flow, all), received(1), assigned(1), refused(1)).when(receive(2)).then(received(2)));

    it.each(['FLOW.LOST', 'FLOW.INBOX_FULL'])('delivers later messages in spite of %s', async (code) => {
      const waits = [awaited(flow, all), received(1), assigned(1)] as const;
      await given(...waits)
        .when(notTaken(1, code))
        .then(refusedForNow(1, code));
      await given(...waits, refusedForNow(1, code))
        .when(receive(2))
        .then(received(2), assigned(2));
    });

    it('still delivers after the wait was stopped', async () => {
      await given(...delivering)
        .when(stop(flow))
        .thenRejected('CALLBACK.NOT_WAITING');
      const waits = [awaited(flow, all), received(1), assigned(1), stopped()] as const;
      await given(...waits)
        .when(taken(1))
        .then(claimed(1));
      await given(...waits)
        .when(notTaken(1, 'FLOW.LOST'))
        .then(refused(1, 'FLOW.LOST'));
    });

    it.each([taken(1), notTaken(1)])('takes no second outcome: $data.status', (outcome) =>
      given(...delivering, claimed(1))
        .when(outcome)
        .thenRejected('CALLBACK.NO_SUCH_MESSAGE'),
    );

    it.each([redeliver(1), discard(1)])('does not let $type interfere', (one) =>
      given(...delivering)
        .when(one)
        .thenRejected('CALLBACK.BEING_DELIVERED'),
    );
  });

  describe('with an unclaimed message', () => {
    const left = [awaited(), received(1), assigned(1), refused(1)] as const;

    it('redelivers it to who refused it last', () =>
      given(...left)
        .when(redeliver(1))
        .then(redelivered(1), assigned(1)));

    it('redelivers it to who waits', () =>
      given(awaited(flow, all), received(1), assigned(1), refusedForNow(1))
        .when(redeliver(1))
        .then(redelivered(1), assigned(1)));

    it('cannot redeliver it to nobody', () =>
      given(received(1)).when(redeliver(1)).thenRejected('CALLBACK.NOBODY_WAITS'));

    it('discards it', async () => {
      await given(received(1)).when(discard(1)).then(discarded(1));
      await given(received(1), discarded(1)).when(from(flow)).then(awaited());
    });

    it.each([redeliver(2), discard(2)])('has no other for $type', (one) =>
      given(...left)
        .when(one)
        .thenRejected('CALLBACK.NO_SUCH_MESSAGE'),
    );
  });
}

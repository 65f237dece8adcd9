import { describe, expect, it } from '@jest/globals';
import { accountContract } from '#contracts/account/account.contract.js';
import { cartContract } from '#contracts/cart/cart.contract.js';
import { checkoutContract } from '#contracts/checkout/checkout.contract.js';
import { inventoryContract } from '#contracts/inventory/inventory.contract.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { Account } from '#contracts/account/account.kind.js';
import { Cart } from '#contracts/cart/cart.kind.js';
import { Checkout } from '#contracts/checkout/checkout.kind.js';
import { Item } from '#contracts/inventory/inventory.kind.js';
import { entity as entityInEffects, flow as flowInEffects } from '#libs/core/entity-in-effects.js';
import { flowKind } from '#libs/core/flow/flow.js';
import { entityByGateway, flowByGateway } from './entity-by-gateway.js';

const deposit = { type: 'Deposit', data: { amount: 5 } } as const;

/** Sends commands to entities, and records what reaches the gateway. */
function sender(occasion: string) {
  const sent: (CommandEnvelope & { readonly stream: string })[] = [];
  const gateway = {
    execute: async (stream: string, envelopes: readonly CommandEnvelope[]) => {
      sent.push(...envelopes.map((envelope) => ({ stream, ...envelope })));
      return envelopes.map(({ commandId }) => ({ status: 'pending' as const, commandId }));
    },
  };
  const from = { name: 'import', occasion, waitMilliseconds: 1_000 };
  return { sent, entity: entityByGateway(gateway, from), flow: flowByGateway(gateway, from) };
}

describe('a command sent to an entity', () => {
  it('reads the same as an effect and by the gateway', async () => {
    const { sent, entity } = sender('row-1');
    await entity(Account, 'alice').send(deposit);
    expect(sent).toMatchObject([{ stream: 'account-default.alice', actor: 'import', ...deposit }]);
    expect(entityInEffects(Account, 'alice').send(deposit)).toEqual({
      kind: 'send',
      to: { category: 'account', id: 'alice' },
      command: deposit,
    });
  });

  it('is the same command when it is sent again for the same occasion, and another one for another', async () => {
    const first = sender('row-1');
    const again = sender('row-1');
    const other = sender('row-2');
    for (const { entity } of [first, again, other]) await entity(Account, 'alice').send(deposit);
    const ids = [first, again, other].map(({ sent }) => sent[0]?.commandId);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  it('has one key for each occasion, whatever its data', async () => {
    const { sent, entity } = sender('row-1');
    await entity(Account, 'alice').send(deposit);
    await entity(Account, 'alice').send({ type: 'Deposit', data: { amount: 6 } });
    expect(sent[1]?.keyId).toBe(sent[0]?.keyId);
    expect(sent[1]?.commandId).not.toBe(sent[0]?.commandId);
  });

  it.each([
    [Account, accountContract],
    [Cart, cartContract],
    [Item, inventoryContract],
    [Checkout, checkoutContract],
  ])('goes to a category that has a contract', ({ category }, { name }) => {
    expect(category).toBe(name);
  });
});

interface ErrandTypes {
  readonly input: { readonly what: string };
  readonly messages: { readonly Hurry: { readonly by: string } };
  readonly progress: string;
  readonly result: object;
}

describe('a flow', () => {
  const Errand = flowKind<ErrandTypes>('errand');

  it('is started, told and cancelled by the same words as an effect and by the gateway', async () => {
    const { sent, flow } = sender('row-1');
    const errand = flow(Errand, 'bread');
    await errand.start({ what: 'bread' });
    await errand.send('Hurry', { by: 'noon' });
    await errand.cancel('rain');
    const commands = [
      { type: 'Start', data: { what: 'bread' } },
      { type: 'Hurry', data: { by: 'noon' } },
      { type: 'Cancel', data: { reason: 'rain' } },
    ];
    expect(sent).toMatchObject(commands.map((command) => ({ stream: 'errand-default.bread', ...command })));
    const effects = flowInEffects(Errand, 'bread');
    expect([
      effects.start({ what: 'bread' }),
      effects.send('Hurry', { by: 'noon' }),
      effects.cancel('rain'),
    ]).toEqual(
      commands.map((command) => ({ kind: 'send', to: { category: 'errand', id: 'bread' }, command })),
    );
  });
});

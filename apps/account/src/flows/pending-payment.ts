import { withWebhooks } from '#contracts/callback/callback.kind.js';
import type { PaymentReport } from '#contracts/card-payment/card-payment.fields.js';
import type { Duration } from '#libs/core/flow/duration.js';
import type { CallPolicy, Flow } from '#libs/core/flow/flow.js';
import { FlowFailure } from '#libs/core/flow/flow.errors.js';

export type OfPayment = { readonly id: string };

/** `webhooks`: the name under which the provider reports the payment, if it does. */
export type Payment = OfPayment & { readonly state: string; readonly webhooks?: string };

/** States that no payment leaves by itself. */
export const FINAL: readonly string[] = ['succeeded', 'failed', 'refunded', 'voided'];

/** A flow that can ask for a payment and receive reports of it. */
type F = Flow<
  {
    readonly input: object;
    readonly messages: { readonly PaymentChanged: PaymentReport };
    readonly progress: unknown;
    readonly result: object;
  },
  { readonly 'card-status': CallPolicy<OfPayment, Payment> }
>;

/** How to wait for a payment. */
interface Waiting {
  /** How long to wait for each report. The provider is then asked. The last pause is repeated. */
  readonly pauses: readonly Duration[];
  readonly mostLooks: number;
  /** The states that the provider answers while the payment is pending. */
  readonly pending: readonly string[];
  /** The states that end the wait when they are reported. A report may be older than an answer. */
  readonly ends: readonly string[];
  /** Is told of each pending state that the provider answers. */
  readonly onPending?: (state: string) => void;
}

/**
 * Waits until a payment is not pending any more: until the provider reports it by a webhook, if it
 * sends any, or until it is asked, whichever comes first. Then runs the rest of the flow with its
 * state.
 */
export async function whenSettled<Value>(
  f: F,
  { id, state: first, webhooks }: Payment,
  { pauses, mostLooks, pending, ends, onPending }: Waiting,
  then: (state: string) => Promise<Value>,
): Promise<Value> {
  const look = async (
    wait: (time: Duration) => Promise<{ readonly data: PaymentReport } | undefined | void>,
  ): Promise<Value> => {
    let state = first;
    for (let looks = 0; looks < mostLooks; looks += 1) {
      onPending?.(state);
      const report = await wait(pauses[Math.min(looks, pauses.length - 1)] ?? '1m');
      const reported = ends.find((end) => end === report?.data.callback.payload['state']);
      if (report && reported === undefined) continue;
      state = reported ?? (await f.call('card-status', { id })).state;
      if (!pending.includes(state)) return then(state);
    }
    throw new FlowFailure('CARD.NOT_SETTLED', `the payment is still ${state}`);
  };
  if (webhooks === undefined) return look((time) => f.sleep(time, 'settle'));
  const told = { provider: webhooks, key: id, message: 'PaymentChanged' } as const;
  return withWebhooks(f, told, () => look((timeout) => f.receive('PaymentChanged', { timeout })));
}

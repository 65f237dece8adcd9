import { type Timestamp, toMilliseconds } from '../timestamp.js';
import { type Duration, millisecondsIn } from './duration.js';
import type { Message } from './flow.js';
import type { ReceiveOptions } from './flow-options.js';
import type { FlowRound } from './flow-round.js';
import type { Scope } from './scope.js';

/**
 * Takes the earliest message of a name, or waits for one until the timeout. The message wins if it
 * arrived before the timer rang, even if it is still on its way into the inbox.
 */
export async function receive(
  round: FlowRound,
  scope: Scope,
  place: string,
  name: string,
  { timeout }: ReceiveOptions,
): Promise<Message | undefined> {
  const message = await taken(round, scope, place, name, timeout);
  scope.lastTaken = message;
  return message;
}

async function taken(
  round: FlowRound,
  scope: Scope,
  place: string,
  name: string,
  timeout: Duration | undefined,
): Promise<Message | undefined> {
  scope.check();
  const { inbox } = round;
  const end = timeout === undefined ? undefined : round.endOf(place, millisecondsIn(timeout));
  // A restarted flow receives its messages again. Those that came too late then are late again.
  const notAfter = end?.isRecorded ? end.until : undefined;
  const here = inbox.take(name, notAfter);
  if (here) return here;
  const wait = { place, kind: 'message' as const, name, ...(end && { until: end.until }) };
  return round.whileWaiting(wait, () =>
    end ? firstUntil(round, scope, name, end.until, notAfter) : scope.run(() => inbox.next(name)),
  );
}

async function firstUntil(
  { host, inbox }: FlowRound,
  scope: Scope,
  name: string,
  until: Timestamp,
  notAfter: Timestamp | undefined,
): Promise<Message | undefined> {
  const message = inbox.next(name, notAfter);
  const timer = host.timer(Math.max(0, toMilliseconds(until) - host.now()));
  const rung = timer.result.then(() => host.settled()).then(() => undefined);
  const result = Promise.race([message.result, rung]);
  const cancel = (): void => {
    timer.cancel();
    message.cancel();
  };
  rung.catch(() => undefined);
  let taken: Message | undefined;
  void message.result.then((value) => (taken = value));
  const first = await scope.run(() => ({ result, cancel }));
  timer.cancel();
  // Both may have come together: then the message has won.
  if (first === undefined && taken === undefined) message.cancel();
  return first ?? taken;
}

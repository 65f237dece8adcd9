import { setTimeout as pause } from 'node:timers/promises';
import type { CommandFact } from '../checkers/facts.js';
import { command, type Reply } from '../support/account-rest.js';
import type { Send } from './plan.js';

const PATIENCE_MILLISECONDS = 90_000;
const CLIENTS = 24;

/** The result of one send, as its client sees it. */
type Answer = 'ok' | 'fail' | 'unknown';

/** Clients that execute a plan, and log the answers. */
export class Load {
  readonly answers: Record<Answer, number> = { ok: 0, fail: 0, unknown: 0 };
  /** Sends that were answered neither with an outcome nor with a receipt. */
  readonly failures: string[] = [];
  readonly commands: CommandFact[] = [];
  /** Attempts without an answer. */
  unanswered = 0;
  /** Sends that were answered 202. */
  taken = 0;
  inFlight = 0;
  done = 0;
  private next = 0;
  private gate = Infinity;
  private opened: (() => void)[] = [];

  constructor(
    private readonly url: string,
    private readonly plan: readonly Send[],
  ) {}

  async run(): Promise<void> {
    await Promise.all(Array.from({ length: CLIENTS }, () => this.client()));
  }

  /** No send after this one starts before the gate is moved. */
  holdAt(index: number): void {
    this.gate = index;
    for (const open of this.opened.splice(0)) open();
  }

  private async client(): Promise<void> {
    for (;;) {
      while (this.next >= this.gate) await new Promise<void>((open) => this.opened.push(open));
      const send = this.plan[this.next];
      if (!send) return;
      this.next += 1;
      this.inFlight += 1;
      const doors = send.isTwin ? (['signal', 'wait'] as const) : [send.door];
      await Promise.all(doors.map((door) => this.send(send, door)));
      this.inFlight -= 1;
      this.done += 1;
    }
  }

  private async send(send: Send, door: Send['door']): Promise<void> {
    const { account, key, command: name } = send.wish;
    const reply = await this.answered(send, door);
    const fact = { stream: `account-default.${account}`, intent: key };
    const { commandId: told } = reply.body;
    const commandId = typeof told === 'string' ? told : '';
    const answer = answerOf(reply, name === 'deposit');
    this.answers[answer === undefined ? 'fail' : answer === 'unknown' ? 'unknown' : 'ok'] += 1;
    if (answer === undefined) this.failures.push(`${key}: ${reply.status} ${JSON.stringify(reply.body)}`);
    this.commands.push({
      ...fact,
      commandId,
      answer: answer === 'taken' ? 'unknown' : (answer ?? 'unknown'),
    });
    if (reply.status === 202) this.taken += 1;
  }

  private async answered({ wish, isImpatient }: Send, door: Send['door']): Promise<Reply> {
    const headers = { 'idempotency-key': wish.key, ...(door === 'wait' && { prefer: 'wait=10' }) };
    const deadline = Date.now() + (isImpatient ? 0 : PATIENCE_MILLISECONDS);
    for (;;) {
      const reply = await command(this.url, wish.account, wish.command, wish.body, headers);
      if (reply.status !== 0 && reply.status < 500 && reply.status !== 429) return reply;
      this.unanswered += 1;
      if (Date.now() >= deadline) return reply;
      await pause(200);
    }
  }
}

/**
 * Undefined for an answer that no command of the plan may get. `taken`: it will be decided, and no
 * rule rejects a deposit.
 */
function answerOf({ status, body }: Reply, isSure: boolean): CommandFact['answer'] | 'taken' | undefined {
  if (status === 202) return isSure ? 'accepted' : 'taken';
  if (status === 200) return 'accepted';
  if (status === 0 || status >= 500 || status === 429) return 'unknown';
  return body['code'] === 'ACCOUNT.INSUFFICIENT_FUNDS' ? 'rejected' : undefined;
}

import { setTimeout as pause } from 'node:timers/promises';
import type { CallbackOutcome } from '#libs/core/flow/flow.messages.js';
import { ProblemError } from '#libs/core/problem-error.js';
import { CallbackReports } from '#libs/flow/callbacks/callback-reports.js';
import type { SagaCase } from './saga-case.js';
import { callbackTokens as tokens } from './services.js';
import type { TemporalServer } from './temporal-server.js';

const BETWEEN_MILLISECONDS = 500;
const UNAVAILABLE = 503;
/** How the reports of an order are answered: the first end counts, however often it is reported. */
export const HEARD = ['accepted', 'accepted', '409 CALLBACK_ADDRESS.OTHER_END'];

const never = new Promise<never>(() => undefined);
const completed: CallbackOutcome = { status: 'completed', result: {} };
const lost: CallbackOutcome = { status: 'failed', code: 'PARCEL.LOST', detail: 'fell into the sea' };

/**
 * The provider of fulfilment, as far as it answers orders later. It reports the end of an order
 * until it hears an answer, then the same once more, and then another end.
 */
export class LateProvider {
  private readonly reporting = new Map<SagaCase, Promise<readonly string[]>>();
  /** The cases by the ids of the commands that their reports became. */
  private readonly commands = new Map<string, SagaCase>();

  constructor(private readonly server: TemporalServer) {}

  /** Takes an order, and begins to report its end once the case lets it. */
  take(one: SagaCase, token: string): void {
    if (this.reporting.has(one)) return;
    const reporting = this.report(one, token);
    this.reporting.set(one, reporting);
    reporting.catch(() => undefined); // told where it is awaited
  }

  /** The case whose report became this command. */
  caseOf(commandId: string): SagaCase | undefined {
    return this.commands.get(commandId);
  }

  /** The answers to its reports, once there are all; undefined if it has not taken the order. */
  async answersTo(one: SagaCase): Promise<readonly string[] | undefined> {
    return this.reporting.get(one);
  }

  private async report(one: SagaCase, token: string): Promise<readonly string[]> {
    await one.untilReportable();
    const isLost = (await one.passReport('asked')) === 'refuse';
    const [end, other] = isLost ? [lost, completed] : [completed, lost];
    const answers = [];
    for (const outcome of [end, end, other]) answers.push(await this.insist(one, token, outcome));
    return answers;
  }

  /** The first answer that it hears. One that is held up is as good as none. */
  private async insist(one: SagaCase, token: string, outcome: CallbackOutcome): Promise<string> {
    for (;;) {
      const answer = await this.answerTo(one, token, outcome);
      const heard = answer === undefined ? never : one.passReport('answered').then(() => answer);
      const told = await Promise.race([heard, pause(BETWEEN_MILLISECONDS)]);
      if (told !== undefined) return told;
    }
  }

  private async answerTo(one: SagaCase, token: string, outcome: CallbackOutcome) {
    try {
      await this.reportsOf(one).end(token, outcome, {});
      return 'accepted';
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      return error.status === UNAVAILABLE ? undefined : `${error.status} ${error.code}`;
    }
  }

  /** Notes each command before it is sent. */
  private reportsOf(one: SagaCase): CallbackReports {
    const { gateway, client } = this.server;
    const noting = {
      ask: (stream: string) => gateway.ask(stream),
      events: (...of: Parameters<typeof gateway.events>) => gateway.events(...of),
      receipt: (...of: Parameters<typeof gateway.receipt>) => gateway.receipt(...of),
      execute: (...of: Parameters<typeof gateway.execute>) => {
        for (const { commandId } of of[1]) this.commands.set(commandId, one);
        return gateway.execute(...of);
      },
    };
    return new CallbackReports({ tokens, client, gateway: noting });
  }
}

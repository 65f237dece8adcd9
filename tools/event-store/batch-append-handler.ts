import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { AppendOptions, BatchAppendMessage } from './append-message.js';
import { errorResponse, resultResponse } from './batch-append-response.js';
import type { EventLog } from './event-log.js';
import { MessagePack } from './message-pack.js';
import { Proposal } from './proposal.js';
import { AppendTimeoutError, invalidRequest, RequestError } from './request.errors.js';
import { toServiceError } from './service-error.js';
import { NOTHING } from './stored-event.js';

type Call = ServerDuplexStream<BatchAppendMessage, MessagePack>;

/** An append whose last message has not arrived yet. */
interface OpenAppend {
  readonly proposal: Proposal;
  readonly options: AppendOptions;
}

/** Marks an append that was refused before its end. Its remaining messages are ignored. */
const REFUSED = 'refused';

/** Appends of one client that may await their responses. The rest waits on the client's side. */
const MAX_IN_FLIGHT = 1_000;
const MAX_BYTES_IN_FLIGHT = 16 * 1024 * 1024;

/** A long-lived call that carries many appends, identified by their correlation ids. */
export function batchAppendHandler(log: EventLog) {
  return (call: Call): void => {
    const appends = new BatchedAppends(call, log);
    call.on('data', (message: BatchAppendMessage) => appends.receive(message));
    call.on('error', () => undefined); // the client has disconnected; what it sent is still written
    call.on('end', () => appends.end());
    call.on('drain', () => appends.balance());
  };
}

class BatchedAppends {
  /** Appends that have not arrived completely. */
  private readonly open = new Map<string, OpenAppend | typeof REFUSED>();
  /** Encoded. The responses to one commit are sent together. */
  private answers: Buffer[] = [];
  private inFlight = 0;
  private bytesInFlight = 0;
  private hasEnded = false;

  constructor(
    private readonly call: Call,
    private readonly log: EventLog,
  ) {}

  receive({ correlation, options, proposed, isFinal }: BatchAppendMessage): void {
    const key = correlation.toString('latin1');
    const known = this.open.get(key);
    if (known !== REFUSED) {
      try {
        const append = known ?? this.begin(key, options);
        for (const event of proposed) append.proposal.add(event);
        if (isFinal) this.write(append, correlation);
      } catch (error) {
        const { identifier = NOTHING } = known?.options ?? options ?? {};
        this.open.set(key, REFUSED);
        this.answer(errorResponse(error as Error, { correlation, identifier }));
      }
    }
    if (isFinal) this.open.delete(key);
  }

  end(): void {
    this.hasEnded = true;
    if (this.inFlight > 0) return;
    this.sendAnswers();
    this.call.end();
  }

  private begin(key: string, options: AppendOptions | undefined): OpenAppend {
    if (!options) throw invalidRequest('an append must start with its options');
    const append = { proposal: new Proposal(options), options };
    this.open.set(key, append);
    return append;
  }

  private write({ proposal, options: { identifier } }: OpenAppend, correlation: Buffer): void {
    const append = { correlation, identifier };
    this.count(1, proposal.bytes);
    void this.log
      .write(proposal.toRequest())
      .then((result) => this.answer(resultResponse(result, append)))
      .catch((error: Error) => {
        if (isRefusal(error)) this.answer(errorResponse(error, append));
        // If the database is unavailable, end the call, and the client treats all open appends as
        // unknown. (If the call were destroyed instead, its end would never be sent, and the client
        // would continue to write to it.)
        else this.call.emit('error', toServiceError(error));
      })
      .then(() => this.settle(proposal));
  }

  private settle({ bytes }: Proposal): void {
    this.count(-1, -bytes);
    if (this.hasEnded) this.end();
  }

  private count(appends: number, bytes: number): void {
    this.inFlight += appends;
    this.bytesInFlight += bytes;
    this.balance();
  }

  /**
   * Stops reading from a client that has many open appends, or that does not read its responses.
   */
  balance(): void {
    const isMuch = this.inFlight >= MAX_IN_FLIGHT || this.bytesInFlight >= MAX_BYTES_IN_FLIGHT;
    const isFull = isMuch || this.call.writableNeedDrain;
    if (isFull !== this.call.isPaused()) this.call[isFull ? 'pause' : 'resume']();
  }

  private answer(response: Buffer): void {
    this.answers.push(response);
    if (this.answers.length === 1) process.nextTick(() => this.sendAnswers());
  }

  private sendAnswers(): void {
    const { answers, call } = this;
    this.answers = [];
    if (answers.length > 0 && !call.cancelled && !call.writableEnded) call.write(new MessagePack(answers));
  }
}

/** The error concerns this request alone, which was not written. */
const isRefusal = (error: Error): boolean =>
  error instanceof RequestError || error instanceof AppendTimeoutError;

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

/** An append of which more is to come. */
interface OpenAppend {
  readonly proposal: Proposal;
  readonly options: AppendOptions;
}

/** In place of an append that was refused before its end: what else of it comes is passed over. */
const REFUSED = 'refused';

/** So much of one client may wait for its answers; the rest waits on the client's side. */
const MAX_IN_FLIGHT = 1_000;
const MAX_BYTES_IN_FLIGHT = 16 * 1024 * 1024;

/** A long-lived call that carries many appends, told apart by their correlation ids. */
export function batchAppendHandler(log: EventLog) {
  return (call: Call): void => {
    const appends = new BatchedAppends(call, log);
    call.on('data', (message: BatchAppendMessage) => appends.receive(message));
    call.on('error', () => undefined); // the client has gone; what it sent is written all the same
    call.on('end', () => appends.end());
    call.on('drain', () => appends.balance());
  };
}

class BatchedAppends {
  /** Those that have not arrived as a whole yet. */
  private readonly open = new Map<string, OpenAppend | typeof REFUSED>();
  /** Encoded; those to what one commit has written are sent together. */
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
    if (!options) throw invalidRequest('an append begins with its options');
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
        // A store that is away ends the call: the client takes all that is open as unknown. (Were the call destroyed instead,
        // its end would never be sent, and the client would go on writing into it.)
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

  /** Takes nothing more from a client that has much under way, or that does not take its answers. */
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

/** Of a request that others are no part of; it was not written. */
const isRefusal = (error: Error): boolean =>
  error instanceof RequestError || error instanceof AppendTimeoutError;

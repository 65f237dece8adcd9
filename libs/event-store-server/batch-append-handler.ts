import { type ServerDuplexStream, status as grpc } from '@grpc/grpc-js';
import { Proposal } from './append-messages.js';
import { errorResponse, resultResponse } from './batch-append-response.js';
import type { EventLog } from './event-log.js';
import { expectedOf } from './expected-revision.js';
import { MessagePack } from './message-pack.js';
import type { streams } from './protocol.js';
import { AppendTimeoutError, RequestError } from './request.errors.js';
import { toServiceError } from './service-error.js';
import { streamNameOf } from './stream-name.js';
import { uuidOf } from './wire.js';

type Request = InstanceType<typeof streams.BatchAppendReq>;
type Response = InstanceType<typeof streams.BatchAppendResp>;
type Options = NonNullable<ReturnType<Request['getOptions']>>;
type Call = ServerDuplexStream<Request, MessagePack>;

/** So many appends of one client may wait for their answers; the next ones wait on the client's side. */
const MAX_IN_FLIGHT = 1_000;

/** A long-lived call that carries many appends, told apart by their correlation ids. */
export function batchAppendHandler(log: EventLog) {
  return (call: Call): void => {
    const appends = new BatchedAppends(call, log);
    call.on('data', (message: Request) => appends.receive(message));
    call.on('error', () => undefined); // the client has gone; what it sent is written all the same
    call.on('end', () => appends.end());
    call.on('drain', () => appends.balance());
  };
}

class BatchedAppends {
  /** Those that have not arrived as a whole yet; undefined for one that was refused before its end. */
  private readonly open = new Map<string, { proposal: Proposal; options: Options } | undefined>();
  /** Encoded; those to what one commit has written are sent together. */
  private answers: Uint8Array[] = [];
  private inFlight = 0;
  private hasEnded = false;

  constructor(
    private readonly call: Call,
    private readonly log: EventLog,
  ) {}

  receive(message: Request): void {
    const correlation = uuidOf(message.getCorrelationId());
    try {
      const append = this.find(correlation, message.getOptions());
      for (const proposed of message.getProposedMessagesList()) append?.proposal.add(proposed);
      if (append && message.getIsFinal()) this.write(append.proposal, append.options, message);
    } catch (error) {
      const options = this.open.get(correlation)?.options ?? message.getOptions();
      this.open.set(correlation, undefined);
      this.answer(errorResponse(error as Error, options?.getStreamIdentifier()), message);
    }
    if (message.getIsFinal()) this.open.delete(correlation);
  }

  end(): void {
    this.hasEnded = true;
    if (this.inFlight > 0) return;
    this.sendAnswers();
    this.call.end();
  }

  private find(correlation: string, options: Options | undefined) {
    if (this.open.has(correlation)) return this.open.get(correlation);
    if (!options) throw new RequestError(grpc.INVALID_ARGUMENT, 'an append begins with its options');
    const stream = streamNameOf(options.getStreamIdentifier());
    const append = { proposal: new Proposal(stream, expectedOf(toRevisionOptions(options))), options };
    this.open.set(correlation, append);
    return append;
  }

  private write(proposal: Proposal, options: Options, message: Request): void {
    const deadline = options.getDeadline()?.toDate();
    if (deadline && deadline.getTime() <= Date.now()) throw new AppendTimeoutError('its deadline has passed');
    this.inFlight += 1;
    this.balance();
    const settled = this.log.write(proposal.toRequest()).then(
      (result) => this.answer(resultResponse(result, options.getStreamIdentifier()), message),
      // A store that is away ends the call: the client takes all that is open as unknown. (Were the call destroyed instead,
      // its end would never be sent, and the client would go on writing into it.)
      (error: unknown) => this.call.emit('error', toServiceError(error)),
    );
    void settled.then(() => this.settle());
  }

  private settle(): void {
    this.inFlight -= 1;
    this.balance();
    if (this.hasEnded) this.end();
  }

  /** Takes nothing more from a client that has much under way, or that does not take its answers. */
  balance(): void {
    const isFull = this.inFlight >= MAX_IN_FLIGHT || this.call.writableNeedDrain;
    if (isFull !== this.call.isPaused()) this.call[isFull ? 'pause' : 'resume']();
  }

  private answer(response: Response, message: Request): void {
    response.setCorrelationId(message.getCorrelationId());
    this.answers.push(response.serializeBinary());
    if (this.answers.length === 1) process.nextTick(() => this.sendAnswers());
  }

  private sendAnswers(): void {
    const { answers, call } = this;
    this.answers = [];
    if (answers.length > 0 && !call.cancelled && !call.writableEnded) call.write(new MessagePack(answers));
  }
}

const toRevisionOptions = (options: Options) => ({
  hasNoStream: () => options.hasNoStream(),
  hasStreamExists: () => options.hasStreamExists(),
  hasAny: () => options.hasAny(),
  hasRevision: () => options.hasStreamPosition(),
  getRevision: () => options.getStreamPosition(),
});

import type { IncomingMessage } from 'node:http';
import type { Writable } from 'node:stream';

/** The live feeds that are being forwarded. They end only when one side ends them. */
export class PassedFeeds {
  private readonly open = new Map<IncomingMessage, Writable>();

  /** Tracks an answer of a service while it lasts, if it is a feed. */
  watch(answer: IncomingMessage, reply: Writable): void {
    if (!answer.headers['content-type']?.startsWith('text/event-stream')) return;
    this.open.set(answer, reply);
    reply.once('close', () => this.open.delete(answer));
  }

  /**
   * Ends all of them, towards their listeners, which reconnect elsewhere, and towards the service.
   */
  end(): void {
    for (const [answer, reply] of this.open) {
      answer.unpipe(reply);
      reply.end();
      answer.destroy();
    }
  }
}

import { CompleteAsyncError } from '@temporalio/activity';
import type { BlobStore } from '#libs/blob/blob-store.js';
import type { Message } from '#libs/core/flow/flow.js';
import { messageIn } from '#libs/core/flow/inbox.js';
import type { FlowEvent } from '#libs/core/flow/flow.messages.js';
import { jsonBytes } from '#libs/core/json-bytes.js';
import { StreamBehindError } from '#libs/entity/activities/entity-activities.errors.js';
import type { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { FlowActivities, InboxPage, InboxRequest } from '#libs/flow/protocol/flow-activities.js';
import { readLargeInput } from './large-inputs.js';
import { serverTime } from './server-time.js';
import { performStep, type StepDependencies } from './perform-step.js';

/** What one page of an inbox may hold. It becomes a part of the workflow's history. */
const MAX_PAGE_BYTES = 512_000;
const MAX_PAGE_MESSAGES = 1_000;

/** What the activities of flows use. */
export interface FlowActivityDependencies extends StepDependencies {
  /** Reads the streams of the flows. */
  readonly store: EventStore;
  readonly gateway: Pick<EntityGateway, 'ask'>;
  /** Has the inputs that are too large for streams. */
  readonly blobs?: Pick<BlobStore, 'get'>;
}

/** Creates the activities of the functions of flows. They fail if a server is unavailable. */
export function createFlowActivities(dependencies: FlowActivityDependencies): FlowActivities {
  return {
    performStep: async (request) => {
      const endOf = serverTime();
      const outcome = await performStep(dependencies, request);
      return { ...outcome, place: request.place, ...endOf() };
    },
    askEntity: async ({ stream }) => {
      const endOf = serverTime();
      const state = await dependencies.gateway.ask(stream);
      return { stream, ...(state !== undefined && { state }), ...endOf() };
    },
    readInbox: (request) => readInbox(dependencies.store, request),
    readInput: (request) => readLargeInput(dependencies.blobs, request),
    watchCallback: async () => {
      throw new CompleteAsyncError();
    },
  };
}

async function readInbox(store: EventStore, { stream, from, to }: InboxRequest): Promise<InboxPage> {
  const messages: Message[] = [];
  let upTo = from - 1;
  let bytes = 0;
  for await (const { revision, type, data } of store.read(stream, { from, limit: to - from + 1 })) {
    const message = messageIn({ type, data } as unknown as FlowEvent);
    if (message) {
      bytes += jsonBytes(message.data);
      messages.push(message);
    }
    upTo = revision;
    if (bytes > MAX_PAGE_BYTES || messages.length >= MAX_PAGE_MESSAGES) break;
  }
  if (upTo < from) throw new StreamBehindError(stream, to, upTo);
  return { messages, upTo };
}

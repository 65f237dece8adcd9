import type { Pool } from 'pg';
import type { z } from 'zod';
import { collectionOf } from '#contracts/services.js';
import { streamName } from '#libs/core/entity-id.js';
import type { FlowState } from '#libs/core/flow/flow.state.js';
import { UnavailableError } from '#libs/core/problems.js';
import { type SagaState, waitsSince } from '#libs/core/saga/saga.state.js';
import type { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import type { Caller } from '#libs/identity/caller.js';
import { decodeCursorParts, encodeCursor, type Page } from '#libs/read-model/page.js';
import { eachOf } from '#libs/runtime/each-of.js';
import { type Found, sources } from './inbox-sources.js';
import { type InboxItem, type inboxQuery, KINDS, type Waiting } from './inbox.schemas.js';

const ASKED_AT_A_TIME = 8;
const CURSOR = new RegExp(`^(${KINDS.join('|')}) ([A-Za-z0-9_-]*)$`);

/**
 * What waits for a caller: stuck sagas and flows for those who may resolve them, and approvals for
 * those who may decide. A class, so that Nest can inject it.
 */
export class Inbox {
  constructor(
    private readonly pool: Pool,
    private readonly gateway: Pick<EntityGateway, 'ask'>,
  ) {}

  /** A page: sagas, then flows, then approvals, the next deadline first. */
  async page(caller: Caller, { limit, cursor, kind }: z.output<typeof inboxQuery>): Promise<Page<InboxItem>> {
    const [begin = KINDS[0], inner = ''] = decodeCursorParts(cursor, CURSOR);
    const kinds = KINDS.slice(KINDS.findIndex((one) => one === begin));
    const found: Found[] = [];
    let nextCursor: string | undefined;
    for (const one of kinds.filter((each) => kind === undefined || each === kind)) {
      if (found.length === limit) {
        nextCursor = encodeCursor(`${one} `);
        break;
      }
      const from = one === begin && inner !== '' ? inner : undefined;
      const page = await sources[one](this.pool, { caller, limit: limit - found.length, cursor: from });
      found.push(...page.data);
      if (page.nextCursor === undefined) continue;
      nextCursor = encodeCursor(`${one} ${page.nextCursor}`);
      break;
    }
    const data = await this.itemsOf(found, caller.tenant);
    return { data, ...(nextCursor !== undefined && { nextCursor }) };
  }

  /** Asks each saga and flow what of it waits. Leaves out those of which nothing waits any more. */
  private async itemsOf(found: readonly Found[], own: string): Promise<readonly InboxItem[]> {
    const items: (InboxItem | undefined)[] = [];
    let isAway = false;
    await eachOf([...found.entries()], ASKED_AT_A_TIME, async ([index, one]) => {
      if (one.kind === 'approval') {
        items[index] = approvalItem(one);
        return;
      }
      // If one does not answer, the others may not either, and each would take its time.
      const waiting = isAway ? undefined : await this.waitingIn(one);
      isAway ||= waiting === undefined;
      const { names = [], contentHash: _, ...item } = one;
      const shown = waiting ?? names.map((name) => ({ name }));
      if (waiting?.length === 0) return;
      items[index] = {
        ...item,
        waiting: [...shown],
        actions: shown.flatMap((each) => actionsOf(one, each, own)),
      };
    });
    return items.filter((item) => item !== undefined);
  }

  private async waitingIn({ kind, type, id, tenant }: Found): Promise<readonly Waiting[] | undefined> {
    try {
      const state = await this.gateway.ask(streamName(type, id, tenant));
      if (!state) return [];
      return kind === 'saga'
        ? stepsThatWait(state as unknown as SagaState)
        : (state as unknown as FlowState).stuck.map((one) => ({ ...one, status: 'stuck' as const }));
    } catch (error) {
      if (error instanceof UnavailableError) return undefined;
      throw error;
    }
  }
}

function stepsThatWait({ steps }: SagaState): readonly Waiting[] {
  return steps.flatMap((step) => {
    const since = waitsSince(step);
    if (since === undefined) return [];
    const { name, status, overdueAt, refusal } = step;
    const isOverdue = overdueAt !== undefined;
    const kind = status === 'stuck' ? 'stuck' : isOverdue ? 'overdue' : 'done-late';
    return [{ name, status: kind, since, ...(status === 'stuck' && refusal) } as const];
  });
}

/** What is under way is being retried, and what is done cannot be. */
function actionsOf({ kind, type, id, tenant }: Found, { name, status }: Waiting, own: string) {
  const address = `/v1/${collectionOf(type as Parameters<typeof collectionOf>[0])}/${encodeURIComponent(id)}`;
  const query = tenant === own ? '' : `?tenant=${tenant}`;
  const [part, body] =
    kind === 'saga' ? (['step', { step: name }] as const) : (['compensation', { name }] as const);
  const resolve = { name: 'resolve', href: `${address}/resolve-${part}${query}`, body } as const;
  const retry = { name: 'retry', href: `${address}/retry-${part}${query}`, body } as const;
  return status === 'stuck' ? [retry, resolve] : [resolve];
}

function approvalItem(found: Found): InboxItem {
  const { names: _, contentHash, ...item } = found;
  const address = `/v1/${collectionOf('approval')}/${encodeURIComponent(item.id)}`;
  const body = { contentHash };
  return {
    ...item,
    actions: [
      { name: 'approve', href: `${address}/approve`, body },
      { name: 'reject', href: `${address}/reject`, body },
    ],
  };
}
